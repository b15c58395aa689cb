import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { settings } from '../../server/test/registry.ts'
import { sharedState } from './fixture.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

/** A small filesystem of its own needs a mount namespace: root has one, others where the kernel lets them. */
const namespace =
  process.getuid?.() === 0 ? ['unshare', '--mount'] : ['unshare', '--user', '--map-root-user', '--mount']

export const canMount = succeeds([...namespace, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])

function succeeds([file = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export interface MountedStore extends AsyncDisposable {
  readonly server: ServerProcess
  /** Mounts the store's filesystem again with these options, such as `ro` or `size=64m`. */
  remount(options: string): void
}

/** A server whose store is a filesystem of `size`, such as `8m`, that only it can see. */
export async function serverWithStoreOf(size: string): Promise<MountedStore> {
  const { dataDir, database } = await sharedState()
  const root = `${dataDir}/mounted`
  mkdirSync(root)
  const mount = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$@"`
  const server = await startServerProcess(
    { ...settings(dataDir, database), BREAKWATER_STORE_ROOT: root },
    { prefix: [...namespace, 'sh', '-c', mount, root] },
  )
  const [file, ...enter] = [
    'nsenter',
    '--target',
    String(server.pid),
    '--mount',
    // Who is not root may enter, but not drop groups there.
    ...(namespace.includes('--user') ? ['--user', '--preserve-credentials'] : []),
  ]
  return {
    server,
    remount: (options) => {
      // With its source named, mount does not repeat the options it finds, whose owner a user namespace may not set.
      execFileSync(file, [...enter, 'mount', '-o', `remount,${options}`, 'tmpfs', root], { stdio: 'pipe' })
    },
    [Symbol.asyncDispose]: () => server.kill(),
  }
}
