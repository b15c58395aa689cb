import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../bench/lib/free-port.ts'
import { createCrane } from '../crane/client.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { readBlobs, writeImageLayout } from '../support/image-layout.ts'
import { listGroup } from '../support/process-group.ts'
import type { Scenario } from '../support/scenario.ts'
import { until } from '../support/until.ts'

/** The five-minute start: one command, a first push, Ctrl-C, and a start after the worst end. */
export const startAndStop: Scenario = {
  name: 'start/start-and-stop',
  tools: ['npm', 'crane'],
  needsRoot: false,
  async run({ folder, use, check, note }) {
    const dataFolder = join(folder, 'data')
    const port = await freePort()
    const start = async () => use(await startBreakwater({ dataFolder, port, throughNpm: true, admin: 'generated' }))
    const crane = createCrane(folder, 'person')
    const image = join(folder, 'image')
    const digest = writeImageLayout(image)
    const reference = `127.0.0.1:${port}/library/hello:1`

    const first = await start()
    await check('a start says the address, where the password is, and what to try', async () => {
      // The server answers a moment before it says so.
      await until('the end of what a start says', 10_000, () => first.daemon.log().includes('Ctrl-C stops it.'))
      const printed = first.daemon.log()
      note(printed.trim())
      ok(printed.includes(`http://127.0.0.1:${port}`), 'the address is missing')
      ok(printed.includes(join(dataFolder, 'admin-password')), "the password's place is missing")
      ok(printed.split('\n').filter((line) => /^ *docker /.test(line)).length >= 3, 'three lines to try are missing')
    })
    await check('the generated password can be read by its owner only', () => {
      strictEqual(statSync(join(dataFolder, 'admin-password')).mode & 0o077, 0)
    })
    await check('login and push', async () => {
      await crane.login(first.host, first.admin)
      await crane.run('push', image, reference)
    })
    await check('Ctrl-C stops it cleanly', async () => {
      first.daemon.signalGroup('SIGINT')
      await first.daemon.ended
      deepStrictEqual(listGroup(first.daemon.pid), [], 'npm has ended before the server')
      match(first.daemon.log(), /Stopping\.\s*$/)
      deepStrictEqual(globSync(`${dataFolder}/postgres/**/postmaster.pid`), [], 'PostgreSQL is left')
    })

    const second = await start()
    await check('a second start finds its data', async () => {
      strictEqual(await crane.run('digest', reference), digest)
    })
    await check('a start after kill -9 of the server recovers', async () => {
      await crane.run('push', image, `127.0.0.1:${port}/library/hello:2`)
      process.kill(serverOf(second.daemon.pid), 'SIGKILL')
      await second.daemon.ended
      await start()
      await crane.run('pull', '--format=oci', `127.0.0.1:${port}/library/hello:2`, join(folder, 'pulled'))
      deepStrictEqual(readBlobs(join(folder, 'pulled')), readBlobs(image))
      strictEqual(await crane.run('digest', reference), digest)
    })
  },
}

function serverOf(group: number): number {
  const server = listGroup(group).find(({ command }) => command.startsWith('node cli/src/main.ts'))
  if (!server) throw new Error('npm start runs no server')
  return server.pid
}
