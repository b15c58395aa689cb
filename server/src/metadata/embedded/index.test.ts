import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ask, start, startElsewhere, temporaryFolder } from './fixture.ts'

it('makes a database on the first start and finds it on the second', async () => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const first = await start(dataDir, { settings: {} })
  expect(await ask(first.connection, 'show fsync')).toBe('on')
  await ask(first.connection, "create table kept as select 'found again' as word")
  await first.stop()
  expect(await first.exited).toEqual({ code: 0, signal: null })
  expect(readdirSync(dataDir)).toEqual(['cluster'])

  const second = await start(dataDir, { settings: {} })
  expect(await ask(second.connection, 'select word from kept')).toBe('found again')
})

it('is UTF-8 in the C order, listens on no network address, and lets only its owner connect', async () => {
  const database = await start(join(temporaryFolder(), 'postgres'))
  const { connection } = database
  const columns = 'pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate'
  const locale = `select concat_ws(' ', ${columns}) from pg_database where datname = current_database()`
  expect(await ask(connection, locale)).toBe('UTF8 b C.UTF-8 C')
  expect(await ask(connection, 'show listen_addresses')).toBe('')
  expect(await ask(connection, 'select pg_is_in_recovery()')).toBe(false)
  expect(statSync(connection.host).mode & 0o777).toBe(0o700)
  expect(statSync(join(connection.host, '..')).mode & 0o777).toBe(0o700)
  // pidfile.h: line 6 is the TCP address.
  expect(readFileSync(join(connection.host, '../cluster/postmaster.pid'), 'utf8').split('\n')[5]).toBe('')
})

it('takes settings and hands on the log', async () => {
  const lines: string[] = []
  await start(join(temporaryFolder(), 'postgres'), {
    settings: { fsync: 'off', max_connections: '7' },
    log: (line) => lines.push(line),
  }).then(async ({ connection }) => expect(await ask(connection, 'show max_connections')).toBe('7'))
  expect(lines).toContain('LOG:  database system is ready to accept connections')
})

it('fails with what PostgreSQL said when a setting is wrong', async () => {
  const dataDir = join(temporaryFolder(), 'postgres')
  await expect(start(dataDir, { settings: { fsync: 'off', shared_buffers: 'plenty' } })).rejects.toThrow(
    /invalid value for parameter "shared_buffers"/,
  )
  await start(dataDir)
})

it('puts the socket elsewhere when the path of the data folder is too long for one', async () => {
  const dataDir = join(temporaryFolder(), 'long-'.repeat(25), 'postgres')
  const database = await start(dataDir)
  expect(database.connection.host.startsWith(tmpdir())).toBe(true)
  expect(statSync(database.connection.host).mode & 0o777).toBe(0o700)
  expect(await ask(database.connection, 'select 1')).toBe(1)
  await database.stop()
  expect(statSync(database.connection.host, { throwIfNoEntry: false })).toBeUndefined()
})

it('works below a path with spaces, commas and quotes', async () => {
  const database = await start(join(temporaryFolder(), `a "b", 'c'`, 'postgres'))
  expect(await ask(database.connection, 'select 1')).toBe(1)
})

it('refuses a folder that another process uses, and names that process', async () => {
  const dataDir = join(temporaryFolder(), 'postgres')
  const database = await start(dataDir)
  const message = `The database folder ${dataDir} is in use by another Breakwater server (pid ${process.pid}). Stop that`
  const { error } = await startElsewhere(dataDir)
  expect(error).toContain(message)
  await expect(start(dataDir)).rejects.toThrow(message)
  expect(await ask(database.connection, 'select 1')).toBe(1)
})

it('refuses the files of another major version, and names both', async () => {
  const cluster = join(temporaryFolder(), 'cluster')
  mkdirSync(cluster)
  writeFileSync(join(cluster, 'PG_VERSION'), '15\n')
  await expect(start(join(cluster, '..'))).rejects.toThrow(
    /made by PostgreSQL 15, .* brings PostgreSQL 18, .*Start the/,
  )
})
