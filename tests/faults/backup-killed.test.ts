import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { blobOf, configBlob, imageManifest, mustPutManifest, pushBlob } from '../../server/test/content.ts'
import { emptyPlace, type Place } from '../../server/test/recovery/place.ts'
import { namesOf, pullEverything } from '../../server/test/recovery/stage.ts'
import { startRegistry, type TestRegistry } from '../../server/test/registry.ts'
import { temporaryFolder } from './fixture.ts'
import { startServerProcess } from './server-process.ts'

/** A backup or a restore that dies on the way: nothing half is taken for whole, and the next one comes to its end. */

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

interface Run {
  readonly code: number | string
  readonly output: string
}

/** Runs the command; where `until` is given, kills it as soon as that is true. */
async function run(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  until?: () => unknown,
): Promise<Run> {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'], ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  let over = false
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => {
    over = true
    return code ?? signal ?? ''
  })
  while (until && !over && !(await until())) await wait(2)
  if (until) child.kill('SIGKILL')
  return { code: await ended, output }
}

/** Images of several megabytes, so that a copy of them takes a while. */
async function pushMuch(registry: TestRegistry): Promise<void> {
  for (let n = 0; n < 14; n += 1) {
    const [config, layer] = [configBlob(), blobOf(randomBytes(3 << 20))]
    for (const blob of [config, layer]) await pushBlob(registry, 'library/much', blob)
    await mustPutManifest(registry, 'library/much', `v${n}`, imageManifest(config, [layer]))
  }
}

const blobsIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60).length
    : 0

const envOf = (registry: TestRegistry, place: Place) => ({
  ...place.env,
  BREAKWATER_DATA_DIR: registry.dataDir,
  BREAKWATER_DATABASE_URL: urlOf(registry),
})

function urlOf({ database }: TestRegistry): string {
  const { host, port, user, database: name } = database.connection
  return `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`
}

it('kill -9 of backups and restores leaves nothing that is taken for whole', { timeout: 240_000 }, async () => {
  await using registry = await startRegistry()
  await pushMuch(registry)
  await registry.query(
    `insert into ledger (actor, credential, address, request_id, action, object)
     select 'user:test', 'basic', '', '', 'test.made', repeat(n::text, 20) from generate_series(1, 150000) n`,
  )
  const place = await emptyPlace()
  const source = envOf(registry, place)
  const dest = temporaryFolder()

  // In the tables, at the first blobs, and half way.
  const moments = [
    () => existsSync(join(dest, 'backups')) && readdirSync(join(dest, 'backups')).length > 0,
    () => blobsIn(join(dest, 'blobs')) > 2,
    () => blobsIn(join(dest, 'blobs')) > 10,
  ]
  for (const moment of moments) {
    expect((await run(source, ['backup', dest], moment)).code).toBe('SIGKILL')
    const nothing = await run(place.env, ['restore', dest])
    expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining('only one that was not finished') })
  }
  const before = blobsIn(join(dest, 'blobs'))
  const whole = await run(source, ['backup', dest, '--json'])
  const { copiedBlobs, blobs } = JSON.parse(whole.output) as { copiedBlobs: number; blobs: number }
  expect(copiedBlobs).toBe(blobs - before)
  expect(await run(place.env, ['backup', 'verify', dest])).toMatchObject({ code: 0 })

  // At the first blobs, and while the database is filled.
  const store = join(place.dataDir, 'store/blobs')
  const loading = async () =>
    (await place.query(`select from pg_stat_activity where datname = current_database() and query like 'copy "%'`))
      .length > 0
  for (const moment of [() => blobsIn(store) > 5, loading]) {
    expect((await run(place.env, ['restore', dest], moment)).code).toBe('SIGKILL')
    await expect(startServerProcess(place.env)).rejects.toThrow('has not come to its end')
    await expect.poll(loading, { timeout: 10_000 }).toBe(false)
    expect(await place.query(`select from pg_class where relname = 'project'`)).toEqual([])
  }
  expect(await run(place.env, ['restore', dest])).toMatchObject({ code: 0 })
  const names = await namesOf(place.query)
  expect(names).toEqual(await namesOf(registry.query))
  await using again = await startServerProcess(place.env)
  expect(new Set(Object.values(await pullEverything(again, names)))).toEqual(new Set([200]))
})
