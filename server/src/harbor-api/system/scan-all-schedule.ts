import type { Schedule } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'

export interface ScheduleRequest {
  /** Hourly, Daily, Weekly or Custom. */
  readonly type: string
  /** Six fields, seconds first. */
  readonly cron: string
}

/** What these types mean where no cron is given. */
const usual: Readonly<Record<string, string>> = {
  Hourly: '0 0 * * * *',
  Daily: '0 0 0 * * *',
  Weekly: '0 0 0 * * 0',
}

/** What a field after the seconds may hold: minute, hour, day of the month, month, day of the week. */
const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

/** What a request asks for: a scan `now`, times at which to scan, or (undefined) none any more. Throws BAD_REQUEST. */
export function scheduleOf({ schedule }: Schedule): ScheduleRequest | 'now' | undefined {
  const type = schedule?.type ?? ''
  if (type === 'Manual') return 'now'
  if (type === 'None') return undefined
  const cron = schedule?.cron || (Object.hasOwn(usual, type) ? usual[type] : undefined)
  if (type !== 'Custom' && !Object.hasOwn(usual, type))
    throw new RegistryError('BAD_REQUEST', `schedule type ${type} is not known`)
  if (cron === undefined || !isCron(cron)) {
    throw new RegistryError('BAD_REQUEST', `cron ${cron ?? ''} needs six fields, of which the first is 0`)
  }
  return { type, cron }
}

function isCron(cron: string): boolean {
  const [seconds, ...fields] = cron.trim().split(/\s+/)
  return seconds === '0' && fields.length === ranges.length && fields.every((field, at) => isField(field, ranges[at]))
}

const part = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/[1-9]\d?)?$/

/** Numbers, ranges and steps. */
function isField(field: string, [low, high]: readonly [number, number] = [0, 0]): boolean {
  return field.split(',').every((text) => {
    const [found, ...bounds] = part.exec(text) ?? []
    return found !== undefined && bounds.every((bound) => bound === undefined || (+bound >= low && +bound <= high))
  })
}
