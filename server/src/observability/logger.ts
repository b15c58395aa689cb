import { type Logger, pino } from 'pino'
import type { Config } from '../config/index.ts'
import { spanFields } from './active-span.ts'

export type { Logger } from 'pino'

/** Structured lines on standard error, so that standard output stays for what was asked for. */
export function createLogger({ log, traces }: Config): Logger {
  const destination = log.format === 'json' ? pino.destination({ fd: 2, sync: false }) : textDestination
  return pino(
    {
      level: log.level,
      base: null,
      ...(traces.endpoint === undefined ? {} : { mixin: spanFields }),
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers.authorization', 'headers.authorization', 'password', 'secret', 'token'],
    },
    destination,
  )
}

/** The same records for a person at a terminal. */
const textDestination = {
  write(line: string): void {
    const { level, time, msg, err, ...rest } = JSON.parse(line)
    const fields = Object.entries(rest).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const parts = [
      time,
      pino.levels.labels[level]?.padEnd(5),
      msg,
      ...fields,
      ...(err ? [`\n${err.stack ?? err.message}`] : []),
    ]
    process.stderr.write(`${parts.join(' ')}\n`)
  },
}
