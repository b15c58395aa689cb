import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask, gone, kill, spawnStarter, start, startElsewhere, temporaryFolder } from './fixture.ts'

describe('PostgreSQL is killed', () => {
  it('runs again by itself with what was committed', async () => {
    const lines: string[] = []
    const database = await start(join(temporaryFolder(), 'postgres'), { log: (line) => lines.push(line) })
    await ask(database.connection, 'create table kept as select 42 as answer')
    const { pid } = database
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toContain('PostgreSQL runs again')
    expect(lines).toContain('PostgreSQL ended unexpectedly (signal SIGKILL); starting it again in 100 ms')
    expect(database.pid).not.toBe(pid)
    expect(await ask(database.connection, 'select answer from kept')).toBe(42)
  })

  it('can be stopped while it is being started again', async () => {
    const database = await start(join(temporaryFolder(), 'postgres'))
    process.kill(database.pid, 'SIGKILL')
    await wait(Math.random() * 200)
    await database.stop()
    await gone(database.pid)
  })
})

describe('this process is killed', () => {
  it('takes PostgreSQL with it, and the next start finds the data', async () => {
    const dataDir = join(temporaryFolder(), 'postgres')
    const first = await startElsewhere(dataDir)
    if (!first.database) throw new Error(first.error)
    await ask(first.database.connection, 'create table kept as select 42 as answer')
    await kill(first.process)
    const database = await start(dataDir)
    expect(await ask(database.connection, 'select answer from kept')).toBe(42)
    await gone(first.database.pid)
  })

  it('stops a PostgreSQL that lived on', async () => {
    const dataDir = join(temporaryFolder(), 'postgres')
    const first = await startElsewhere(dataDir, { broken: ['setpriv'] })
    if (!first.database) throw new Error(first.error)
    await ask(first.database.connection, 'create table kept as select 42 as answer')
    await kill(first.process)
    expect(await ask(first.database.connection, 'select 1')).toBe(1)
    const lines: string[] = []
    const database = await start(dataDir, { log: (line) => lines.push(line) })
    expect(lines.join('\n')).toContain(`stopping the PostgreSQL server (pid ${first.database.pid})`)
    expect(await ask(database.connection, 'select answer from kept')).toBe(42)
    await gone(first.database.pid)
  })

  it('starts again when PostgreSQL was killed with it', async () => {
    const dataDir = join(temporaryFolder(), 'postgres')
    const first = await startElsewhere(dataDir)
    if (!first.database) throw new Error(first.error)
    await ask(first.database.connection, 'create table kept as select 42 as answer')
    const killed = kill(first.process)
    process.kill(first.database.pid, 'SIGKILL')
    await killed
    await gone(first.database.pid)
    const database = await start(dataDir)
    expect(await ask(database.connection, 'select answer from kept')).toBe(42)
  })

  it('leaves nothing half made during the first start', async () => {
    const dataDir = join(temporaryFolder(), 'postgres')
    const first = spawnStarter(dataDir)
    await expect
      .poll(() => existsSync(dataDir) && readdirSync(dataDir).join(), { interval: 5 })
      .toContain('cluster.new')
    await wait(Math.random() * 300)
    await kill(first)
    const database = await start(dataDir)
    expect(await ask(database.connection, 'select 1')).toBe(1)
    expect(readdirSync(dataDir).sort()).toEqual(['cluster', 'server.lock', 'socket'])
  })
})

describe('a stale postmaster.pid', () => {
  it.each([
    ['of a process that is gone', 2 ** 22 - 3],
    ['of a process that is something else', process.pid],
    ['without a pid', Number.NaN],
  ])('%s does not keep the server from starting', async (_, pid) => {
    const dataDir = join(temporaryFolder(), 'postgres')
    await (await start(dataDir)).stop()
    writeFileSync(join(dataDir, 'cluster/postmaster.pid'), `${pid}\n${dataDir}/cluster\n1\n5432\n\n\n0 0\nready\n`)
    const database = await start(dataDir)
    expect(await ask(database.connection, 'select 1')).toBe(1)
  })
})

it('takes over a lock whose holder is gone, even when its pid is in use again', async () => {
  const dataDir = join(temporaryFolder(), 'postgres')
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'server.lock'), `${process.pid} 17\n`)
  const database = await start(dataDir)
  expect(await ask(database.connection, 'select 1')).toBe(1)
})
