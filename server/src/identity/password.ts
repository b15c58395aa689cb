import { randomBytes } from 'node:crypto'
import { RegistryError } from '@breakwater/oci'
import { hash, verify } from '@node-rs/argon2'
import { createFairQueue, QueueFull } from './fair-queue.ts'
import { sourceOf } from './source.ts'

/** argon2id with 19 MiB, two passes, one lane: OWASP's smallest recommended setting. */
const settings = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/**
 * Bounds of a process. Hashes run on the threads that files are read with, of which there are four: logins never take
 * them all. Who floods logins waits behind its own attempts, not others behind them.
 */
const limits = { running: 2, waitingEach: 16, waiting: 4_000 }

/** Hashing at the pace that the process can afford. `address`: whose request it is. */
export interface Passwords {
  /** Throws TOOMANYREQUESTS, as `matches` does. */
  hash(password: string, address: string): Promise<string>
  /** `stored` undefined: there is no such account, which takes as long to find out as that a password is wrong. */
  matches(stored: string | undefined, password: string, address: string): Promise<boolean>
}

export function createPasswords(): Passwords {
  const queue = createFairQueue(limits)
  let decoy: Promise<string> | undefined

  async function run<T>(address: string, work: () => Promise<T>): Promise<T> {
    try {
      return await queue.run(sourceOf(address), work)
    } catch (error) {
      if (!(error instanceof QueueFull)) throw error
      throw new RegistryError('TOOMANYREQUESTS', 'too many logins at once; try again in a few seconds', {
        headers: { 'Retry-After': '5' },
      })
    }
  }

  return {
    hash: (password, address) => run(address, () => hashPassword(password)),
    async matches(stored, password, address) {
      decoy ??= hashPassword(randomBytes(16).toString('hex'))
      const against = stored ?? (await decoy)
      const same = await run(address, () => verify(against, password))
      return same && stored !== undefined
    },
  }
}

export function hashPassword(password: string): Promise<string> {
  return hash(password, settings)
}

export function generatePassword(): string {
  return randomBytes(18).toString('base64url')
}
