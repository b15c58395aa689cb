import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBreakwater } from '../../../bench/lib/breakwater.ts'
import { startEmbedded } from '../../../server/src/metadata/embedded/index.ts'
import { startWireProxy, type WireProxy } from '../../../server/test/wire-proxy.ts'
import type { OutageKind } from './outage.ts'

const behindProxy = (name: string, begin: (proxy: WireProxy) => void): OutageKind => ({
  name,
  missing: () => undefined,
  async open() {
    const opened = new AsyncDisposableStack()
    const dataDir = mkdtempSync(join(tmpdir(), 'breakwater-outage-'))
    opened.defer(() => rmSync(dataDir, { recursive: true, force: true }))
    const { connection } = opened.use(await startEmbedded({ dataDir, log: () => undefined }))
    const proxy = opened.use(await startWireProxy({ path: join(connection.host, `.s.PGSQL.${connection.port}`) }))
    const databaseUrl = `postgres://${connection.user}@127.0.0.1:${proxy.port}/${connection.database}`
    const system = opened.use(await startBreakwater({ databaseUrl }))
    return {
      name,
      system,
      begin: () => begin(proxy),
      end: () => proxy.restore(),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  },
})

export const databaseGone = behindProxy('database refuses connections', (proxy) => proxy.cut())
export const databaseSilent = behindProxy('database does not answer', (proxy) => proxy.hold())
