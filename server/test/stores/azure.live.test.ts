import { openAzureBucket } from '../../src/content/objects/azure.ts'
import { startAzure } from './live-store.ts'
import { describeLiveStore } from './live-suite.ts'

describeLiveStore({
  program: 'azurite-blob',
  start: startAzure,
  open: ({ azure }, limits) => openAzureBucket(azure, azure.container ?? '', limits),
  prefix: 'BREAKWATER_STORE_AZURE_PREFIX',
  fewPieces: { copies: 'ranges', smallest: 1 << 20, most: 3, group: 2 },
  expiryOf: (address) => (Date.parse(address.searchParams.get('se') ?? '') - Date.now()) / 1000,
  tellsSizeIn: 'header',
})
