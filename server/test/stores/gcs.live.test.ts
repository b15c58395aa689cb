import { openGcsBucket } from '../../src/content/objects/gcs.ts'
import { startGcs } from './live-store.ts'
import { describeLiveStore } from './live-suite.ts'

describeLiveStore({
  program: 'fake-gcs-server',
  start: startGcs,
  open: ({ gcs }, limits) => openGcsBucket(gcs, gcs.bucket ?? '', limits),
  prefix: 'BREAKWATER_STORE_GCS_PREFIX',
  fewPieces: { copies: 'whole', smallest: 1 << 20, most: 3, group: 3 },
  expiryOf: (address) => Number(address.searchParams.get('X-Goog-Expires')),
  tellsSizeIn: 'body',
})
