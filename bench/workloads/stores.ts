import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled, type LiveStore, startAzure, startGcs, startS3 } from '../../server/test/stores/live-store.ts'
import { startBreakwater } from '../lib/breakwater.ts'
import { startDistribution } from '../lib/distribution.ts'
import { measurePushAndPull } from '../lib/push-and-pull.ts'
import type { System } from '../lib/system.ts'
import { type Settings, startField, type Workload } from '../lib/workload.ts'

interface Kind {
  readonly name: string
  readonly program: string
  readonly start: () => Promise<LiveStore>
  /** distribution on the same store; undefined where it is not compared. */
  readonly peer?: (store: LiveStore) => Promise<System>
}

const kinds: readonly Kind[] = [
  { name: 'S3', program: 'versitygw', start: startS3, peer: startDistributionOnS3 },
  { name: 'Azure', program: 'azurite-blob', start: startAzure },
  { name: 'GCS', program: 'fake-gcs-server', start: startGcs },
]

/** In a bucket of its own, which is a folder to versitygw, and sending the bytes itself as Breakwater does by default. */
function startDistributionOnS3(store: LiveStore): Promise<System> {
  const bucket = 'distribution'
  mkdirSync(join(store.folder, bucket))
  const env = store.env()
  const storage = `  redirect:
    disable: true
  s3:
    regionendpoint: ${env['BREAKWATER_STORE_S3_ENDPOINT']}
    region: us-east-1
    bucket: ${bucket}
    accesskey: ${env['BREAKWATER_STORE_S3_ACCESS_KEY_ID']}
    secretkey: ${env['BREAKWATER_STORE_S3_SECRET_ACCESS_KEY']}
    forcepathstyle: true
    secure: false`
  return startDistribution({ storage })
}

async function measureStore(
  { name, start, peer }: Kind,
  settings: Settings,
  measure: Parameters<Workload['run']>[1],
): Promise<void> {
  await using store = await start()
  await using field = await startField(settings, [
    {
      label: `breakwater on ${name}`,
      name: 'breakwater',
      start: () => startBreakwater({ settings: store.env() }),
    },
    { label: 'breakwater on the filesystem', name: 'breakwater', start: startBreakwater },
    ...(peer ? [{ label: `distribution on ${name}`, name: 'distribution' as const, start: () => peer(store) }] : []),
  ])
  await measurePushAndPull(field, settings, measure, name)
}

/** What an object store costs the registry itself, beside the filesystem; on S3 also beside distribution. */
export const stores: Workload = {
  name: 'stores',
  run: async (settings, measure) => {
    for (const kind of kinds) {
      if (settings.system === 'distribution' && !kind.peer) continue
      if (isInstalled(kind.program)) await measureStore(kind, settings, measure)
    }
  },
}
