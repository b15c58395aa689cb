import type { Workload } from '../lib/workload.ts'
import { blobGet, blobGetTls } from './blob-get.ts'
import { blobPut } from './blob-put.ts'
import { cranePush } from './crane-push.ts'
import { gate } from './gate.ts'
import { growth } from './growth.ts'
import { idle } from './idle.ts'
import { lists } from './lists.ts'
import { manifestsBasic, manifestsBearer } from './manifests.ts'
import { replicas } from './replicas.ts'
import { rights } from './rights.ts'
import { scan } from './scan.ts'
import { signed } from './signed.ts'
import { stores } from './stores.ts'
import { tagsList } from './tags-list.ts'

/** Every workload, in the order in which a full run takes them. */
export const workloads: readonly Workload[] = [
  manifestsBearer,
  manifestsBasic,
  blobGet,
  blobGetTls,
  blobPut,
  stores,
  replicas,
  cranePush,
  tagsList,
  growth,
  lists,
  rights,
  scan,
  gate,
  signed,
  idle,
]
