const sizeUnits = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const
const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Bytes of a text such as `64MiB`; undefined when it is not a size or not a whole number of bytes. */
export function parseSize(text: string): number | undefined {
  return parse(text, sizeUnits)
}

/** Milliseconds of a text such as `24h`; undefined when it is not a duration or not a whole number of milliseconds. */
export function parseDuration(text: string): number | undefined {
  return parse(text, durationUnits)
}

/** The shortest text that `parseSize` reads as this number of bytes. */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits)
}

/** The shortest text that `parseDuration` reads as this number of milliseconds. */
export function formatDuration(milliseconds: number): string {
  return format(milliseconds, durationUnits)
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,3})?) ?([A-Za-z]{1,3})$/.exec(text) ?? []
  const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined
  if (digits === undefined || factor === undefined) return undefined
  const amount = Number(digits) * factor
  return Number.isSafeInteger(amount) ? amount : undefined
}

function format(amount: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, factor]) => amount >= factor && amount % factor === 0)
  const [unit, factor] = fitting.at(-1) ?? Object.entries(units)[0] ?? ['', 1]
  return `${amount / factor}${unit}`
}
