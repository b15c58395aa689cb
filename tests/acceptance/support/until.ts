import { setTimeout as sleep } from 'node:timers/promises'

/** Asks every 50 ms until the answer is true. Throws after `timeoutMs`, saying what did not come. */
export async function until(what: string, timeoutMs: number, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`)
    await sleep(50)
  }
}
