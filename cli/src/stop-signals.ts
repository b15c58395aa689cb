/**
 * Resolves on the first SIGINT or SIGTERM. The second ends the process at once, with the exit code that shells use for
 * a signal: what was acknowledged is already on disk.
 */
export function stopSignals(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const codes = { SIGINT: 130, SIGTERM: 143 } as const
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(codes[signal])
      asked = true
      resolve()
    })
  }
  return promise
}
