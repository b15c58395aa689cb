import { join } from 'node:path'
import { startBreakwater } from '../../../bench/lib/breakwater.ts'
import { startEmbedded } from '../../../server/src/metadata/embedded/index.ts'
import { startWireProxy } from '../../../server/test/wire-proxy.ts'
import { type OutageKind, proxied, temporaryFolder } from './outage.ts'

const database = (name: string, how: 'cut' | 'hold'): OutageKind => ({
  name,
  async open(opened) {
    const dataDir = temporaryFolder(opened)
    const { connection } = opened.use(await startEmbedded({ dataDir, log: () => undefined }))
    const proxy = opened.use(await startWireProxy({ path: join(connection.host, `.s.PGSQL.${connection.port}`) }))
    const databaseUrl = `postgres://${connection.user}@127.0.0.1:${proxy.port}/${connection.database}`
    return proxied(opened.use(await startBreakwater({ databaseUrl })), proxy, how)
  },
})

export const databaseGone = database('database refuses connections', 'cut')
export const databaseSilent = database('database does not answer', 'hold')
