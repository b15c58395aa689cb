import { openS3Bucket } from '../../src/content/objects/s3.ts'
import { startS3 } from './live-store.ts'
import { describeLiveStore } from './live-suite.ts'

describeLiveStore({
  program: 'versitygw',
  start: startS3,
  open: ({ s3 }, limits) => openS3Bucket(s3, s3.bucket ?? '', limits),
  prefix: 'BREAKWATER_STORE_S3_PREFIX',
  fewPieces: { copies: 'ranges', smallest: 5 << 20, most: 3, group: 2 },
  expiryOf: (address) => Number(address.searchParams.get('X-Amz-Expires')),
  tellsSizeIn: 'header',
})
