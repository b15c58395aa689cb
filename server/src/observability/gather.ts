import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { exposeMetrics, type Metrics } from './metrics.ts'

/** Where numbers come from that are only asked for when somebody wants to see them. */
export interface Sources {
  /** From the database; asked for at most once in `keptFor`, whoever asks. */
  readonly stored: readonly (() => Promise<void>)[]
  /** From this process, at no cost. */
  readonly present: () => void
}

/** Milliseconds that numbers of the database are kept, and how long they may take. */
const keptFor = 10_000
const patience = 3_000
const startedAt = performance.timeOrigin / 1_000

/** Returns what makes the page of metrics. */
export function createGathering(metrics: Metrics, { stored, present }: Sources): () => Promise<string> {
  let asked = Number.NEGATIVE_INFINITY
  let asking = Promise.resolve()
  const ask = async () => {
    const all = Promise.all(stored.map((source) => source())).then(() => 1)
    const known = await Promise.race([all, sleep(patience, 0, { ref: false })]).catch(() => 0)
    metrics.gathering.set([], known)
  }
  return async () => {
    if (performance.now() - asked > keptFor) {
      asked = performance.now()
      asking = ask()
    }
    await asking
    present()
    await measureProcess(metrics)
    return exposeMetrics(metrics)
  }
}

async function measureProcess(metrics: Metrics): Promise<void> {
  const { user, system } = process.cpuUsage()
  metrics.cpu.set([], (user + system) / 1e6)
  metrics.memory.set([], process.memoryUsage.rss())
  metrics.started.set([], startedAt)
  metrics.loopActive.set([], performance.eventLoopUtilization().active / 1_000)
  const begun = performance.now()
  await sleep(1)
  metrics.loopLag.set([], Math.max(0, performance.now() - begun - 1) / 1_000)
}
