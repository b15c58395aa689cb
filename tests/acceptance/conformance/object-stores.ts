import { ok } from 'node:assert/strict'
import { type LiveStore, startAzure, startGcs, startS3 } from '../../../server/test/stores/live-store.ts'
import type { Scenario } from '../support/scenario.ts'
import { checkOnReplicas } from './replicas.ts'
import { conformanceTool } from './suite.ts'

/** Two servers on one object store, which is a real program. */
function onObjectStore(name: string, program: string, start: () => Promise<LiveStore>): Scenario {
  return {
    name: `conformance/${name}`,
    tools: [conformanceTool, program],
    needsRoot: false,
    async run(stage) {
      const store = stage.use(await start())
      await checkOnReplicas(stage, store.env())
      await stage.check('blobs are in the store', async () => {
        const objects = await store.objects()
        ok(objects > 20, `${objects} objects`)
      })
    },
  }
}

export const objectStores: readonly Scenario[] = [
  onObjectStore('s3', 'versitygw', startS3),
  onObjectStore('azure', 'azurite-blob', startAzure),
  onObjectStore('gcs', 'fake-gcs-server', startGcs),
]
