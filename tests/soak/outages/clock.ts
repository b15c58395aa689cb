import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBreakwater } from '../../../bench/lib/breakwater.ts'
import type { OutageKind } from './outage.ts'

const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')

/** The clock of the server and its database jumps, and jumps back. */
const jumping = (name: string, offset: string): OutageKind => ({
  name,
  missing: () => (library ? undefined : 'libfaketime is not installed (Debian: faketime)'),
  async open() {
    const opened = new AsyncDisposableStack()
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-outage-'))
    opened.defer(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'offset')
    const jump = (to: string) => writeFileSync(file, `${to}\n`)
    jump('+0')
    const settings = {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // Timers and time-outs count what passes, not what a clock shows.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
    const system = opened.use(await startBreakwater({ settings }))
    return {
      name,
      system,
      begin: () => jump(offset),
      end: () => jump('+0'),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  },
})

export const clockForward = jumping('clock jumps ahead by a day', '+1d')
export const clockBack = jumping('clock jumps back by an hour', '-1h')
