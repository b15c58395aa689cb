import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { system } from '../../src/ledger/index.ts'
import { transaction } from '../../src/metadata/index.ts'
import { createTestDatabase } from '../database.ts'
import { content, hoursAgo, openssl, openVulndb } from './fixture.ts'

const importProcess = fileURLToPath(new URL('./import-process.ts', import.meta.url))

/** Runs a process until it says a word, and kills it. */
async function killAt(word: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [importProcess, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    child.stdout.setEncoding('utf8')
    for await (const text of child.stdout) if (String(text).includes(word)) break
  } finally {
    child.kill('SIGKILL')
  }
}

it.each(['prepare', 'complete'])(
  'an import killed at %s leaves nothing visible, and is done by the next process',
  {
    timeout: 60_000,
  },
  async (stage) => {
    const database = await createTestDatabase()
    await using _dropped = { [Symbol.asyncDispose]: () => database.drop() }
    {
      await using first = await openVulndb({ database })
      await first.import(await first.file(content(10, hoursAgo(5))))
    }
    await using idle = await openVulndb({ database, idle: true })
    const { vulndb, pool } = idle
    const before = await vulndb.current(pool)
    const ids = await transaction(pool, (tx) => vulndb.register(tx, [openssl()]))
    const source = `file:${await idle.file(content(12, hoursAgo(4)))}`
    const asked = await vulndb.request({ source, force: false, actor: system })

    await killAt(stage, [JSON.stringify(database.connection), idle.folder, stage])
    const left = await pool.query(`select state from vulndb_generation order by id`)
    expect(left.rows.map(({ state }) => state)).toEqual(['current', 'importing'])
    expect(await vulndb.current(pool)).toEqual(before)

    await using next = await openVulndb({ database })
    expect(await next.ended(asked.id)).toMatchObject({ state: 'done' })
    const after = await next.vulndb.current(pool)
    expect(after?.counts['debian 12']).toBe(12)
    const known = ids.filter((id) => id !== null)
    const answers = await next.vulndb.answers(after?.id ?? 0, known)
    expect([...answers.values()].map((findings) => findings.length)).toEqual([12])
    const states = () =>
      pool.query(`select state from vulndb_generation order by id`).then(({ rows }) => rows.map((row) => row.state))
    await expect.poll(states).toEqual(['retired', 'current'])
    const tables = await pool.query(
      `select count(*)::int as count from pg_class where relname ~ '^package_answer_\\d+$'`,
    )
    expect(tables.rows).toEqual([{ count: 2 }])
  },
)
