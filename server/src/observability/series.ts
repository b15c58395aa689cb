/** What a metric is called and means; its labels take few values, whatever clients send. */
export interface About {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly help: string
  readonly labels: readonly string[]
}

type Labels = readonly string[]

/** Series that one metric keeps; what would be one more is counted under `other` in every label. */
const mostSeries = 2_000

/** The series of one metric, by the values of its labels. */
export class Series<T> {
  readonly #kept = new Map<string, { readonly labels: Labels; value: T }>()
  readonly #make: () => T

  constructor(make: () => T) {
    this.#make = make
  }

  /** The series of these values, made where it is missing. */
  at(labels: Labels): { value: T } {
    const key = labels.join('\n')
    const known = this.#kept.get(key)
    if (known) return known
    if (this.#kept.size >= mostSeries && labels.some((label) => label !== 'other')) {
      return this.at(labels.map(() => 'other'))
    }
    const made = { labels, value: this.#make() }
    this.#kept.set(key, made)
    return made
  }

  clear(): void {
    this.#kept.clear()
  }

  entries(): Iterable<{ readonly labels: Labels; readonly value: T }> {
    return this.#kept.values()
  }
}

/** One line of the text format 0.0.4. */
export function line(name: string, names: Labels, values: Labels, value: number): string {
  if (names.length === 0) return `${name} ${written(value)}\n`
  const labels = names.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`).join(',')
  return `${name}{${labels}} ${written(value)}\n`
}

export function heading(name: string, { help, type }: About): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

function written(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value)
}

function escaped(value: string): string {
  return value.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`)
}
