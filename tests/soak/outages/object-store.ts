import { startBreakwater } from '../../../bench/lib/breakwater.ts'
import { isInstalled, startS3 } from '../../../server/test/stores/live-store.ts'
import { startWireProxy, type WireProxy } from '../../../server/test/wire-proxy.ts'
import type { OutageKind } from './outage.ts'

const behindProxy = (name: string, begin: (proxy: WireProxy) => void): OutageKind => ({
  name,
  missing: () => (isInstalled('versitygw') ? undefined : 'versitygw is not installed'),
  async open() {
    const opened = new AsyncDisposableStack()
    const store = opened.use(await startS3())
    const [host, port] = store.host.split(':')
    const proxy = opened.use(await startWireProxy({ host, port: Number(port) }))
    const settings = store.env(`127.0.0.1:${proxy.port}`)
    const system = opened.use(await startBreakwater({ settings }))
    return {
      name,
      system,
      begin: () => begin(proxy),
      end: () => proxy.restore(),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  },
})

export const objectStoreGone = behindProxy('object store refuses connections', (proxy) => proxy.cut())
export const objectStoreSilent = behindProxy('object store does not answer', (proxy) => proxy.hold())
