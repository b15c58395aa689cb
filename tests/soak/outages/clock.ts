import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBreakwater } from '../../../bench/lib/breakwater.ts'
import { type OutageKind, temporaryFolder } from './outage.ts'

const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')

/** The clock of the server and its database jumps, and jumps back. */
const jumping = (name: string, offset: string): OutageKind => ({
  name,
  missing: () => (library ? undefined : 'libfaketime is not installed (Debian: faketime)'),
  async open(opened) {
    const file = join(temporaryFolder(opened), 'offset')
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
      system,
      begin: () => jump(offset),
      end: () => jump('+0'),
    }
  },
})

export const clockForward = jumping('clock jumps ahead by a day', '+1d')
export const clockBack = jumping('clock jumps back by an hour', '-1h')
