import { execFileSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startBreakwater } from '../../../bench/lib/breakwater.ts'
import { type OutageKind, temporaryFolder } from './outage.ts'

const needsRoot = () => (process.getuid?.() === 0 ? undefined : 'mounting a filesystem needs root')

/** A store on a filesystem of its own; `begin` and `end` are options that it is mounted again with. */
const mounted = (name: string, begin: (free: number) => string, end: string): OutageKind => ({
  name,
  missing: needsRoot,
  async open(opened) {
    const folder = temporaryFolder(opened)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2g', 'tmpfs', folder])
    opened.defer(() => void execFileSync('umount', ['--lazy', folder]))
    const system = opened.use(await startBreakwater({ settings: { BREAKWATER_STORE_ROOT: folder } }))
    const remount = (options: string) => void execFileSync('mount', ['-o', `remount,${options}`, folder])
    return {
      system,
      begin: () => remount(begin(usedKiB(folder))),
      end: () => remount(end),
    }
  },
})

function usedKiB(folder: string): number {
  const [, line = ''] = execFileSync('df', ['-k', '--output=used', folder], { encoding: 'utf8' }).split('\n')
  return Number(line)
}

export const storeFull = mounted('disk full', (used) => `size=${used}k`, 'size=2g')
export const storeReadOnly = mounted('disk read-only', () => 'ro', 'rw')

export const storeGone: OutageKind = {
  name: 'store folder gone',
  async open(opened) {
    const root = join(temporaryFolder(opened), 'store')
    const system = opened.use(await startBreakwater({ settings: { BREAKWATER_STORE_ROOT: root } }))
    return {
      system,
      begin: () => renameSync(root, `${root}-away`),
      end: () => {
        rmSync(root, { recursive: true, force: true })
        renameSync(`${root}-away`, root)
      },
    }
  },
}
