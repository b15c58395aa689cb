import { setTimeout as sleep } from 'node:timers/promises'
import type { Breakwater } from '../../../bench/lib/breakwater.ts'
import { send } from '../../../bench/lib/http-client.ts'
import { acceptManifests } from '../../../bench/lib/registry-client.ts'
import { basic } from '../../../bench/lib/system.ts'
import { makeImage, type PushRecord, push } from '../push-record.ts'

/** What clients do all the time. */
export const kinds = ['manifest', 'blob', 'push', 'api'] as const
export type Kind = (typeof kinds)[number]

interface Seen {
  readonly kind: Kind
  readonly begun: number
  readonly ms: number
  /** A status, or what broke on the way. */
  readonly outcome: string
}

export interface Watch {
  readonly pushes: readonly PushRecord[]
  /** Milliseconds until a request of each kind that began after `since` was answered well; waits for them. */
  recovery(since: number, patienceMs: number): Promise<number>
  /** `200×12 503×40, slowest 31 ms` of the requests of a kind that began between two times. */
  summary(kind: Kind, from: number, until: number): string
  stop(): Promise<void>
}

const repository = 'library/watched'
const pauseMs = 100
const patienceMs = 40_000

/** Pulls, pushes and lists until it is stopped, one request of each kind at a time. */
export async function watchClients(system: Breakwater): Promise<Watch> {
  const authorization = basic(system.account)
  const signed: Breakwater = { ...system, authorization: async () => authorization }
  const pushes: PushRecord[] = []
  const first = makeImage(repository, 'first', 'first')
  await push(signed, first, pushes)
  const get = async (path: string) => {
    const headers = { authorization, accept: acceptManifests }
    return String((await send(system, { method: 'GET', path, headers })).status)
  }
  let count = 0
  const attempts: Record<Kind, () => Promise<string>> = {
    manifest: () => get(`/v2/${repository}/manifests/first`),
    blob: () => get(`/v2/${repository}/blobs/${first.blobs[0]?.digest}`),
    push: async () => {
      count += 1
      await push(signed, makeImage(repository, `t${count}`, `${count}`, 1), pushes)
      return '201'
    },
    api: async () => get('/api/v2.0/projects/library/repositories'),
  }

  const seen: Seen[] = []
  let stopped = false
  const run = async (kind: Kind) => {
    while (!stopped) {
      const begun = Date.now()
      const outcome = await Promise.race([
        attempts[kind]().catch(nameOf),
        sleep(patienceMs, 'no answer', { ref: false }),
      ])
      seen.push({ kind, begun, ms: Date.now() - begun, outcome })
      await sleep(pauseMs)
    }
  }
  const running = Promise.all(kinds.map(run))
  return {
    pushes,
    async recovery(since, patience) {
      for (;;) {
        const well = kinds.map((kind) =>
          seen.find((one) => one.kind === kind && one.begun >= since && one.outcome.startsWith('20')),
        )
        if (well.every((one) => one !== undefined)) {
          return Math.max(...well.map((one) => (one ? one.begun + one.ms - since : 0)))
        }
        if (Date.now() > since + patience) throw new Error(`not served again within ${patience / 1000} s`)
        await sleep(20)
      }
    },
    summary(kind, from, until) {
      const those = seen.filter((one) => one.kind === kind && one.begun >= from && one.begun < until)
      const outcomes = Map.groupBy(those, ({ outcome }) => outcome)
      const counts = [...outcomes].sort().map(([outcome, { length }]) => `${outcome}×${length}`)
      return `${counts.join(' ') || 'none'}, slowest ${Math.max(0, ...those.map(({ ms }) => ms))} ms`
    },
    async stop() {
      stopped = true
      await running
    },
  }
}

function nameOf(error: unknown): string {
  if (error instanceof Error && 'status' in error) return String(error.status)
  return error instanceof Error && 'code' in error ? String(error.code) : 'broken'
}
