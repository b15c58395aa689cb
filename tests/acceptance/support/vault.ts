import { freePort } from '../../../bench/lib/free-port.ts'
import { outputOf } from './command.ts'
import { startDaemon } from './daemon.ts'

export const vaultTools = ['bao'] as const

/** A key store with Vault's API and its transit engine. */
export interface Vault extends AsyncDisposable {
  /** What programs need to be its administrator. */
  readonly environment: Readonly<Record<string, string>>
}

/** Starts one in memory, unsealed, with nothing in it. Its log is the file `logFile`. */
export async function startVault(logFile: string): Promise<Vault> {
  const address = `127.0.0.1:${await freePort()}`
  const token = 'root-of-a-test'
  const url = `http://${address}`
  const daemon = startDaemon({
    file: 'bao',
    args: ['server', '-dev', '-dev-no-store-token', `-dev-root-token-id=${token}`, `-dev-listen-address=${address}`],
    logFile,
  })
  const environment = { VAULT_ADDR: url, VAULT_TOKEN: token, BAO_ADDR: url, BAO_TOKEN: token }
  try {
    await daemon.untilReady(() =>
      fetch(`${url}/v1/sys/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    await outputOf('bao', ['secrets', 'enable', 'transit'], { env: environment })
  } catch (error) {
    await daemon[Symbol.asyncDispose]()
    throw error
  }
  return { environment, [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() }
}
