import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeProject, untilDatabase } from '../lib/api.ts'
import { type Breakwater, startBreakwater } from '../lib/breakwater.ts'
import type { Sample } from '../lib/comparison.ts'
import { type ImageMaker, type MadeImage, prepareDebianNpmImage } from '../lib/debian-npm-image.ts'
import { send } from '../lib/http-client.ts'
import { settleMs } from '../lib/load.ts'
import { acceptManifests, pushBlob, pushManifest } from '../lib/registry-client.ts'
import { createTrivyCache, measureTrivy } from '../lib/trivy.ts'
import { databaseArchives, databaseMissing, freshDatabase } from '../lib/trivy-db.ts'
import { cpuMilliseconds } from '../lib/usage.ts'
import type { Workload } from '../lib/workload.ts'

const repository = 'gated/app'
const longestVerdictMs = 2000

/**
 * A real image of about 100 MB, Debian and npm packages, whose layers are new each time: from the PUT of its manifest to
 * the verdict of the gate, beside the real trivy reading the same image from disk, for the first time and again.
 */
export const scan: Workload = {
  name: 'scan',
  run: async (settings, measure) => {
    if (settings.system === 'distribution') return
    const missing = databaseMissing(databaseArchives.full)
    if (missing !== undefined) return console.log(`left out: ${missing}`)
    const folder = mkdtempSync(join(tmpdir(), 'bench-scan-'))
    try {
      const database = await freshDatabase(databaseArchives.full, join(folder, 'database'))
      await using system = await startBreakwater({ settings: { BREAKWATER_VULNDB_SOURCE: `file:${database}` } })
      await untilDatabase(system)
      await makeProject(system, 'gated', 'critical')
      const images = eachOnce(await prepareDebianNpmImage(folder))
      const cache = await createTrivyCache(join(folder, 'trivy'), database)
      // Warm: the program has read an image before, and the machine has read these packages.
      const { compressedBytes } = await images('warming')
      await toVerdict(system, await images('warming'))
      await measureTrivy(cache, (await images('warming')).layout)
      const ours = (name: string) => ({
        label: 'breakwater',
        measure: async (round: number) => toVerdict(system, await images(`${name}-${round}`)),
      })
      const size = `${Math.round(compressedBytes / 1e6)} MB`
      await measure({
        name: `from manifest to verdict, Debian and npm, ${size}`,
        unit: 'image',
        contenders: [
          ours('cold'),
          {
            label: 'trivy, cold',
            measure: async (round) => measureTrivy(cache, (await images(`cold-${round}`)).layout),
          },
        ],
        goal: { of: 'cpuRatio', atMost: 0.25 },
      })
      await measure({
        name: `from manifest to verdict, Debian and npm, ${size}, beside trivy again`,
        unit: 'image',
        contenders: [
          ours('warm'),
          {
            label: 'trivy, warm',
            async measure(round) {
              const { layout } = await images(`warm-${round}`)
              await measureTrivy(cache, layout)
              return measureTrivy(cache, layout)
            },
          },
        ],
        goal: { of: 'p50Ms', atMost: longestVerdictMs },
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** Each image is made when it is first asked for; both contenders of a round get the same. */
function eachOnce(make: ImageMaker): ImageMaker {
  const made = new Map<string, Promise<MadeImage>>()
  return (name) => {
    const image = made.get(name) ?? make(name)
    made.clear()
    made.set(name, image)
    return image
  }
}

/** Uploads the blobs, and measures from the manifest's PUT to the answer of a gated pull, which waits for the scan. */
async function toVerdict(system: Breakwater, { blobs, manifest }: MadeImage): Promise<Sample> {
  for (const blob of blobs) await pushBlob(system, repository, blob)
  await sleep(settleMs)
  const authorization = await system.authorization(repository, 'pull')
  const before = cpuMilliseconds(system)
  const begun = performance.now()
  const digest = await pushManifest(system, repository, 'latest', manifest)
  const headers = { accept: acceptManifests, ...(authorization && { authorization }) }
  const reply = await send(system, { method: 'GET', path: `/v2/${repository}/manifests/${digest}`, headers })
  const p50Ms = performance.now() - begun
  if (reply.status !== 200 && reply.status !== 403) {
    throw new Error(`no verdict: ${reply.status} ${reply.body.toString('utf8', 0, 400)}`)
  }
  await sleep(settleMs)
  return { cpuMsPerUnit: cpuMilliseconds(system) - before, unitsPerSecond: 1000 / p50Ms, p50Ms }
}
