import { startBreakwater } from '../../../bench/lib/breakwater.ts'
import { isInstalled, startS3 } from '../../../server/test/stores/live-store.ts'
import { startWireProxy } from '../../../server/test/wire-proxy.ts'
import { type OutageKind, proxied } from './outage.ts'

const objectStore = (name: string, how: 'cut' | 'hold'): OutageKind => ({
  name,
  missing: () => (isInstalled('versitygw') ? undefined : 'versitygw is not installed'),
  async open(opened) {
    const store = opened.use(await startS3())
    const [host, port] = store.host.split(':')
    const proxy = opened.use(await startWireProxy({ host, port: Number(port) }))
    const settings = store.env(`127.0.0.1:${proxy.port}`)
    return proxied(opened.use(await startBreakwater({ settings })), proxy, how)
  },
})

export const objectStoreGone = objectStore('object store refuses connections', 'cut')
export const objectStoreSilent = objectStore('object store does not answer', 'hold')
