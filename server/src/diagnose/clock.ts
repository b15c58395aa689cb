import type { Finding } from './finding.ts'

const noticeable = 1_000
const harmful = 60_000

/**
 * Compares the database's clock, read between `sent` and `received` (milliseconds since 1970), with this machine's.
 * Tokens and expiries are judged by each replica's own clock.
 */
export function checkClock(database: Date, sent: number, received: number): Finding {
  const early = sent - database.getTime()
  const late = database.getTime() - received
  const skew = Math.max(early, late, 0)
  const check = 'clock'
  if (skew < noticeable) return { check, status: 'ok', message: 'the clock agrees with the database' }
  const direction = early > late ? 'ahead of' : 'behind'
  return {
    check,
    status: skew < harmful ? 'warning' : 'failed',
    message: `this machine's clock is ${Math.round(skew / 1_000)} s ${direction} the database's`,
    remedy: 'Synchronise the clocks of both machines (NTP).',
  }
}
