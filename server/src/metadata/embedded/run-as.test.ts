import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, asUser, canRunAs, isRoot, kill, type Outcome, startElsewhere, temporaryFolder } from './fixture.ts'

const nobody = 65_534
/** A uid without an entry in /etc/passwd. */
const nameless = 54_321

function folderOf(uid: number): string {
  const folder = temporaryFolder()
  chownSync(folder, uid, uid)
  return join(folder, 'postgres')
}

async function answer(outcome: Outcome, sql: string): Promise<unknown> {
  if (!outcome.database) throw new Error(outcome.error)
  return ask(outcome.database.connection, sql)
}

describe.skipIf(!isRoot)('started by root (needs root)', () => {
  it('keeps the files as root with a user namespace, as nobody without, and changes between the two', async () => {
    const dataDir = join(temporaryFolder(), 'postgres')
    const first = await startElsewhere(dataDir)
    await answer(first, 'create table kept as select 42 as answer')
    expect(statSync(join(dataDir, 'cluster')).uid).toBe(0)
    await kill(first.process, 'SIGTERM')

    for (const broken of [['unshare'], ['unshare', 'setpriv'], []]) {
      const next = await startElsewhere(dataDir, { broken })
      expect(await answer(next, 'select answer from kept')).toBe(42)
      expect(statSync(join(dataDir, 'cluster/PG_VERSION')).uid).toBe(broken.length > 0 ? nobody : 0)
      await kill(next.process, 'SIGTERM')
    }
  })

  it('says what to do when neither way reaches the folder', async () => {
    const home = temporaryFolder()
    chownSync(home, nameless, nameless)
    chmodSync(home, 0o700)
    const { error } = await startElsewhere(join(home, 'postgres'))
    expect(error).toMatch(
      /cannot run as uid 0 with the folder .*postgres.*set BREAKWATER_DATABASE_URL.*Tried: unshare/s,
    )
  })
})

describe.skipIf(!isRoot || !canRunAs(nameless))('started by a plain user (needs root)', () => {
  it.each([nobody, nameless])('works as uid %i', async (uid) => {
    const dataDir = folderOf(uid)
    const first = await startElsewhere(dataDir, { prefix: asUser(uid) })
    await answer(first, 'create table kept as select 42 as answer')
    expect(statSync(join(dataDir, 'cluster')).uid).toBe(uid)
    await kill(first.process, 'SIGTERM')
    // Only the first start needs an account name, so only that one may need a user namespace.
    const second = await startElsewhere(dataDir, { prefix: asUser(uid), broken: ['unshare'] })
    expect(await answer(second, 'select answer from kept')).toBe(42)
  })

  it('says what to do when a uid without a name has no user namespaces either', async () => {
    const { error } = await startElsewhere(folderOf(nameless), { prefix: asUser(nameless), broken: ['unshare'] })
    expect(error).toMatch(/cannot run as uid 54321 .*a plain user that has an account name/)
  })

  it('says whose folder it is when it is not its own', async () => {
    const dataDir = join(temporaryFolder(), 'postgres')
    mkdirSync(dataDir)
    const { error } = await startElsewhere(dataDir, { prefix: asUser(nobody) })
    expect(error).toMatch(/belongs to uid 0, and this server runs as uid 65534.*chown -R 65534/)
  })

  it('links the libraries in its own folder when the package is read-only', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'package/native/lib'), { recursive: true })
    const list = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
    writeFileSync(join(folder, 'package/native/pg-symlinks.json'), JSON.stringify(list))
    mkdirSync(join(folder, 'data'))
    chownSync(join(folder, 'data'), nobody, nobody)
    const script = `
      const { linkLibraries } = await import(${JSON.stringify(new URL('./binaries.ts', import.meta.url).href)})
      const run = () => linkLibraries(${JSON.stringify(join(folder, 'package/native'))}, ${JSON.stringify(join(folder, 'data/lib'))})
      run()
      console.log(run())`
    const [file = '', ...args] = [...asUser(nobody), process.execPath, '--input-type=module', '-e', script]
    expect(execFileSync(file, args, { encoding: 'utf8', cwd: '/' }).trim()).toBe(join(folder, 'data/lib'))
    expect(readlinkSync(join(folder, 'data/lib/libpq.so.5'))).toBe(join(folder, 'package/native/lib/libpq.so.5.18'))
    expect(existsSync(join(folder, 'package/native/lib/libpq.so.5'))).toBe(false)
  })
})
