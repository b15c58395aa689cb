import { UsageError } from './usage-error.ts'

/** Configuration errors are known by their name, because the server is loaded only by commands that need it. */
export function isConfigError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfigError'
}

/** Mistakes that another command line or configuration puts right. */
export function isUsageError(error: unknown): boolean {
  return isConfigError(error) || error instanceof UsageError
}

/** What went wrong, as a sentence for the person at the terminal. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('syscall' in error && error.syscall === 'listen' && 'code' in error) return explainListen(error)
  return error.message
}

function explainListen(error: Error & { code: unknown }): string {
  const address =
    'address' in error && 'port' in error ? `${String(error.address)} port ${String(error.port)}` : 'the address'
  const remedy = 'Set listen (BREAKWATER_LISTEN) to another address.'
  if (error.code === 'EADDRINUSE') return `Another program listens on ${address}. Stop it, or: ${remedy}`
  if (error.code === 'EADDRNOTAVAIL') return `This machine does not have ${address}. ${remedy}`
  if (error.code === 'EACCES')
    return `This user may not listen on ${address}; ports below 1024 need a privilege. ${remedy}`
  return `Cannot listen on ${address}: ${error.message}. ${remedy}`
}
