/** What one check found; `remedy` says what to do about a warning or a failure. */
export interface Finding {
  readonly check: 'configuration' | 'database' | 'store' | 'clock' | 'disk' | 'certificates'
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: string
  readonly remedy?: string
}

/** The text of anything thrown, with the code of system errors. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Node joins the failures of several addresses of one host without a message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join('; ')
  return error.message
}
