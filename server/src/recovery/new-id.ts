import { randomBytes } from 'node:crypto'

/** An id that sorts by the time when it was made: `20261126t021500z-9f3a`. */
export function newId(now = new Date()): string {
  const [time = ''] = now.toISOString().replaceAll(/[-:]/g, '').toLowerCase().split('.')
  return `${time}z-${randomBytes(2).toString('hex')}`
}
