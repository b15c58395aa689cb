import { type About, heading, line, Series } from './series.ts'

export interface Metric {
  readonly name: string
  readonly about: About
  /** Its lines in the text format of Prometheus. */
  expose(): string
}

/** A number that is added to. */
export interface Counter extends Metric {
  add(labels: readonly string[], amount?: number): void
}

/** A number that goes up and down. */
export interface Gauge extends Counter {
  set(labels: readonly string[], value: number): void
  /** Forgets all series, before they are set anew. */
  clear(): void
}

/** How long things took, in seconds. */
export interface Duration extends Metric {
  observe(labels: readonly string[], seconds: number): void
}

export function createGauge(name: string, about: About): Gauge {
  const series = new Series(() => 0)
  // What has no labels is there from the beginning, so that a rate of it begins at nothing.
  if (about.labels.length === 0) series.at([])
  return {
    name,
    about,
    add(labels, amount = 1) {
      series.at(labels).value += amount
    },
    set(labels, value) {
      series.at(labels).value = value
    },
    clear: () => series.clear(),
    expose() {
      let text = heading(name, about)
      for (const { labels, value } of series.entries()) text += line(name, about.labels, labels, value)
      return text
    },
  }
}

/** Upper bounds in seconds, and one above all. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800]

interface Spread {
  readonly counts: number[]
  sum: number
}

/** A histogram, or a summary without quantiles: its sum and count. */
export function createDuration(name: string, about: About): Duration {
  const series = new Series<Spread>(() => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }))
  if (about.labels.length === 0) series.at([])
  return {
    name,
    about,
    observe(labels, seconds) {
      const { value } = series.at(labels)
      const found = bounds.findIndex((bound) => seconds <= bound)
      const bucket = found < 0 ? bounds.length : found
      value.counts[bucket] = (value.counts[bucket] ?? 0) + 1
      value.sum += seconds
    },
    expose() {
      let text = heading(name, about)
      for (const { labels, value } of series.entries()) text += spread(name, about, labels, value)
      return text
    },
  }
}

function spread(name: string, about: About, labels: readonly string[], { counts, sum }: Spread): string {
  let text = ''
  let total = 0
  for (const [index, count] of counts.entries()) {
    total += count
    if (about.type !== 'histogram') continue
    const bound = bounds[index] === undefined ? '+Inf' : String(bounds[index])
    text += line(`${name}_bucket`, [...about.labels, 'le'], [...labels, bound], total)
  }
  return text + line(`${name}_sum`, about.labels, labels, sum) + line(`${name}_count`, about.labels, labels, total)
}
