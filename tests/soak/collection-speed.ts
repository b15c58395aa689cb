import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { type Breakwater, startBreakwater } from '../../bench/lib/breakwater.ts'
import { connectEmbedded } from '../../bench/lib/database.ts'
import { addressesOf, measureLoad } from '../../bench/lib/load.ts'
import { digestOf, randomBytesOf } from '../../bench/lib/random-content.ts'
import { acceptManifests, pushImage } from '../../bench/lib/registry-client.ts'
import { median } from '../../bench/lib/statistics.ts'
import { type Figures, type Scenario, scaled } from './scenario.ts'

const fullRounds = 8
/** The default rate deletes so many in eight seconds, which is longer than the pulls of a window take. */
const blobsPerRound = 6_000
const blobBytes = 1_024
const windowSeconds = 4
const pullers = 4
const goal = { blobsPerSecond: 500, p99Ratio: 1.2 }

/** What was measured in one window. */
interface Window {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly pushes: number
}

/** Makes blobs in the store and the database that nothing names, doomed just now; returns their files. */
async function seedDoomed(system: Breakwater, client: pg.Client, rounds: number): Promise<string[]> {
  const files: string[] = []
  await client.query('create temp table seeded (round int, digest bytea)')
  const store = join(system.dataFolder, 'data', 'store', 'blobs', 'sha256')
  for (let round = 0; round < rounds; round += 1) {
    const digests = Array.from({ length: blobsPerRound }, (_, at) => {
      const bytes = randomBytesOf(`collection-speed/${round}/${at}`, blobBytes)
      const digest = digestOf(bytes).slice('sha256:'.length)
      const file = join(store, digest.slice(0, 2), digest)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, bytes)
      files.push(file)
      return digest
    })
    await client.query(`insert into seeded select $1, decode(unnest($2::text[]), 'hex')`, [round, digests])
  }
  await client.query(
    `insert into blob (digest, size, state, doomed_at) select digest, $1, 'doomed', now() from seeded`,
    [blobBytes],
  )
  await client.query('vacuum (analyze) blob')
  await client.query('checkpoint')
  // What was not on the disk yet would be deleted for less than it costs otherwise.
  execFileSync('sync')
  return files
}

/** Has the grace of a round's blobs be over, and resolves with how many were deleted in a second. */
async function collectRound(client: pg.Client, round: number): Promise<number> {
  const begun = performance.now()
  const chosen = `digest in (select digest from seeded where round = $1)`
  await client.query(`update blob set doomed_at = now() - interval '1 day' where ${chosen}`, [round])
  for (;;) {
    const { rows } = await client.query<{ left: number }>(
      `select count(*)::int as left from blob where state <> 'live' and doomed_at < now() - interval '12 hours'`,
    )
    if (rows[0]?.left === 0) return blobsPerRound / ((performance.now() - begun) / 1_000)
    await sleep(200)
  }
}

/** Pulls of one image's manifest and blobs for a window, beside pushes of small images, one after the other. */
async function measureWindow(system: Breakwater, paths: readonly string[], name: string): Promise<Window> {
  let going = true
  const push = async (): Promise<number> => {
    let pushes = 0
    for (; going; pushes += 1) {
      const image = { seed: `${name}/${pushes}`, layers: 2, layerBytes: 4_096 }
      await pushImage(system, 'library/pushed', 'latest', image)
    }
    return pushes
  }
  const pushing = push()
  try {
    const pulls = await measureLoad(system, {
      kind: 'requests',
      addresses: addressesOf(system),
      connections: pullers,
      method: 'GET',
      paths,
      headers: { accept: acceptManifests, authorization: await system.token(['library/pulled'], 'pull') },
      atMost: { requests: Number.MAX_SAFE_INTEGER, seconds: windowSeconds },
      readBuffer: 1 << 14,
    })
    going = false
    return { p50Ms: pulls.p50Ms, p99Ms: pulls.p99Ms, pushes: await pushing }
  } finally {
    going = false
    await pushing
  }
}

async function pathsToPull(system: Breakwater): Promise<string[]> {
  const image = { seed: 'collection-speed', layers: 4, layerBytes: 4_096 }
  const bytes = await pushImage(system, 'library/pulled', '1.0', image)
  const { config, layers } = JSON.parse(bytes.toString()) as {
    config: { digest: string }
    layers: { digest: string }[]
  }
  const blobs = [config, ...layers].map(({ digest }) => `/v2/library/pulled/blobs/${digest}`)
  return [`/v2/library/pulled/manifests/${digestOf(bytes)}`, ...blobs]
}

const middle = (windows: readonly Window[], figure: keyof Window): number =>
  median(windows.map((window) => window[figure]))

/** How fast blobs are deleted at the default rate, and what pulls and pushes feel of it. */
export const collectionSpeed: Scenario = {
  name: 'collection-speed',
  about: `48,000 blobs are deleted beside pulls and pushes: ≥ ${goal.blobsPerSecond} a second, p99 of pulls ≤ ${goal.p99Ratio} × without`,
  run: async (scale): Promise<Figures> => {
    const rounds = scaled(fullRounds, scale)
    // Looks for what is due in every window alike; the rate and the windows are the defaults.
    await using system = await startBreakwater({ settings: { BREAKWATER_COLLECTION_INTERVAL: '200ms' } })
    const client = await connectEmbedded(system.dataFolder)
    try {
      const paths = await pathsToPull(system)
      const files = await seedDoomed(system, client, rounds)
      await measureWindow(system, paths, 'warm')
      const quiet: Window[] = []
      const collecting: Window[] = []
      const rates: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        quiet.push(await measureWindow(system, paths, `quiet/${round}`))
        const [rate, window] = await Promise.all([
          collectRound(client, round),
          measureWindow(system, paths, `collecting/${round}`),
        ])
        rates.push(rate)
        collecting.push(window)
      }
      const left = files.filter((file) => existsSync(file)).length
      if (left > 0) throw new Error(`${left} files of deleted blobs are still there`)
      const figures = {
        blobs: rounds * blobsPerRound,
        blobsPerSecond: median(rates),
        p50MsWithout: middle(quiet, 'p50Ms'),
        p50MsWith: middle(collecting, 'p50Ms'),
        p99MsWithout: middle(quiet, 'p99Ms'),
        p99MsWith: middle(collecting, 'p99Ms'),
        p99Ratio: middle(collecting, 'p99Ms') / middle(quiet, 'p99Ms'),
        pushesWithout: middle(quiet, 'pushes'),
        pushesWith: middle(collecting, 'pushes'),
      }
      if (figures.blobsPerSecond < goal.blobsPerSecond || figures.p99Ratio > goal.p99Ratio) {
        throw new Error(`the goal is missed: ${JSON.stringify(figures)}`)
      }
      return figures
    } finally {
      await client.end()
    }
  },
}
