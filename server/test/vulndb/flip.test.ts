import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { transaction } from '../../src/metadata/index.ts'
import type { Generation } from '../../src/vulndb/index.ts'
import { content, hoursAgo, openssl, openVulndb } from './fixture.ts'

describe('readers', () => {
  it('see one database or the other, never parts of both', async () => {
    await using own = await openVulndb()
    await own.import(await own.file(content(10, hoursAgo(20))))
    const questions = Array.from({ length: 40 }, (_, at) => openssl(`3.0.${at}-1`))
    const ids = await transaction(own.pool, (tx) => own.vulndb.register(tx, questions))
    const known = ids.filter((id) => id !== null)
    const seen = new Set<number>()
    let reading = true
    const reader = async () => {
      while (reading) {
        const generation = await own.vulndb.current(own.pool)
        if (!generation) throw new Error('there is always one')
        const answers = await own.vulndb.answers(generation.id, known)
        const sizes = new Set([...answers.values()].map((findings) => findings.length))
        const expected = generation.counts['debian 12'] ?? 0
        // Whoever is asked after a fixed version has no finding; the others have all.
        for (const size of sizes) expect([0, expected]).toContain(size)
        seen.add(expected)
      }
    }
    const readers = [reader(), reader(), reader()]
    for (let round = 1; round <= 4; round += 1) {
      expect(await own.import(await own.file(content(10 + round, hoursAgo(20 - round))))).toMatchObject({
        state: 'done',
      })
    }
    await expect.poll(() => seen.has(14)).toBe(true)
    reading = false
    await Promise.all(readers)
    expect([...seen].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14])
  })
})

describe('a flip', () => {
  it('waits for those who write about the generation in use, and they see no other', async () => {
    await using own = await openVulndb()
    await own.import(await own.file(content(10, hoursAgo(5))))
    const before = await own.vulndb.current(own.pool)
    const next = await own.file(content(11, hoursAgo(4)))
    let importing: Promise<unknown> | undefined
    await transaction(own.pool, async (tx) => {
      await own.vulndb.register(tx, [openssl('9')])
      importing = own.import(next)
      while ((await flipsWaiting(own.pool)) === 0) await wait(20)
      expect(await own.vulndb.current(tx)).toEqual(before)
    })
    expect(await importing).toMatchObject({ state: 'done' })
    expect((await own.vulndb.current(own.pool))?.id).not.toBe(before?.id)
  })

  it('answers what was asked while the database came in', async () => {
    const prepared: Generation[] = []
    const asked: (number | null)[] = []
    const own = await openVulndb({
      hooks: {
        async prepare(generation) {
          prepared.push(generation)
          asked.push(...(await transaction(own.pool, (tx) => own.vulndb.register(tx, [openssl('0.9')]))))
        },
        async complete(tx, generation) {
          expect(await own.vulndb.current(tx)).toBeUndefined()
          const { rows } = await tx.query('select count(*)::int as count from package_answer where generation = $1', [
            generation.id,
          ])
          expect(rows).toEqual([{ count: 1 }])
        },
      },
    })
    await using _ = own
    expect(await own.import(await own.file(content(3, hoursAgo(1))))).toMatchObject({ state: 'done' })
    expect(prepared).toMatchObject([{ counts: { 'debian 12': 3 } }])
    expect(asked).toHaveLength(1)
  })

  it('does not happen when somebody cannot prepare for it', async () => {
    await using own = await openVulndb({
      hooks: {
        prepare: async () => undefined,
        complete: async () => {
          throw new Error('the summaries could not be written')
        },
      },
    })
    const failed = await own.import(await own.file(content(3, hoursAgo(1))))
    expect(failed).toMatchObject({ state: 'failed', message: 'the summaries could not be written' })
    expect(await own.vulndb.current(own.pool)).toBeUndefined()
    const { rowCount } = await own.pool.query('select from vulndb_generation')
    expect(rowCount).toBe(0)
  })
})

async function flipsWaiting(pool: { query(text: string): Promise<{ rows: { count: number }[] }> }): Promise<number> {
  const { rows } = await pool.query(
    `select count(*)::int as count from pg_locks
     where locktype = 'advisory' and not granted and mode = 'ExclusiveLock'
       and database = (select oid from pg_database where datname = current_database())`,
  )
  return rows[0]?.count ?? 0
}
