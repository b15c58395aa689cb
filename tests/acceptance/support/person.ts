import { type CommandOptions, complaintOf, outputOf } from './command.ts'
import type { Account } from './http.ts'

/** A client as one person uses it: with a configuration, and so with a login, of their own. */
export interface Person {
  readonly login: (host: string, account: Account) => Promise<void>
  /** What a person reads when the login is refused. */
  readonly refusedLogin: (host: string, account: Account) => Promise<string>
  /** What a command printed to standard output. Throws when it failed. */
  readonly run: (...args: readonly string[]) => Promise<string>
  /** What a command that failed printed, on one line. Throws when it succeeded. */
  readonly complain: (...args: readonly string[]) => Promise<string>
}

export interface Client extends Pick<CommandOptions, 'env' | 'cwd'> {
  readonly program: string
  /** Options that stand before every command. */
  readonly options?: readonly string[]
  /** The command that reads a password from standard input, without the user and the host. */
  readonly login: readonly string[]
}

/** `env` has to give the person files of their own. */
export function createPerson({ program, options = [], login, ...place }: Client): Person {
  const loginArguments = (host: string, { user }: Account) => [...options, ...login, '-u', user, host]
  return {
    async login(host, account) {
      await outputOf(program, loginArguments(host, account), { ...place, input: account.password })
    },
    refusedLogin: (host, account) =>
      complaintOf(program, loginArguments(host, account), { ...place, input: account.password }),
    run: (...args) => outputOf(program, [...options, ...args], place),
    complain: (...args) => complaintOf(program, [...options, ...args], place),
  }
}
