import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answer, detailOf, extractDatabase, openVulnDb, type Question, severities } from '@breakwater/vulndb'
import { describe, expect, it } from 'vitest'
import { type Pool, transaction } from '../../src/metadata/index.ts'
import { openVulndb } from './fixture.ts'

/** A database of real advisories; it may not be shipped, and lies beside the repository where there is one. */
const archive = fileURLToPath(new URL('../../../../shared/vulndb/db.tar.gz', import.meta.url))
const missing = existsSync(archive) ? '' : ' (not run: ../shared/vulndb/db.tar.gz is not there)'

describe.skipIf(missing !== '')(`a real database${missing}`, () => {
  it('is imported whole, and answers as the file itself does', { timeout: 120_000 }, async () => {
    await using own = await openVulndb()
    const began = performance.now()
    expect(await own.import(archive)).toMatchObject({ state: 'done', message: null })
    const seconds = (performance.now() - began) / 1000
    const generation = await own.vulndb.current(own.pool)
    const advisories = Object.values(generation?.counts ?? {}).reduce((sum, count) => sum + count, 0)
    // As the README of the data says.
    expect(advisories).toBeGreaterThanOrEqual(38_376)
    const { rows } = await own.pool.query('select count(*)::int as count from vulnerability')
    expect(rows).toEqual([{ count: 16_574 }])

    const questions = await someQuestions(own.pool)
    const ids = await transaction(own.pool, (tx) => own.vulndb.register(tx, questions))
    const known = ids.filter((id) => id !== null)
    const asked = performance.now()
    const answers = await own.vulndb.answers(generation?.id ?? 0, known)
    const answeredMs = performance.now() - asked
    const again = performance.now()
    expect(await own.vulndb.answers(generation?.id ?? 0, known)).toEqual(answers)
    const againMs = performance.now() - again

    const folder = join(own.folder, 'unpacked')
    mkdirSync(folder)
    await extractDatabase(createReadStream(archive), folder)
    using file = openVulnDb(join(folder, 'trivy.db'))
    let found = 0
    for (const [at, question] of questions.entries()) {
      const expected = answer(question, file).map((match) => {
        const { severity, severitySource, title } = detailOf(match, file)
        const { id, bucket, fixedVersion, status, vendorIds } = match
        const number = severities.indexOf(severity)
        return { id, bucket, fixedVersion, status, vendorIds, severity: number, severitySource, title }
      })
      expect(answers.get(ids[at] ?? 0)).toMatchObject(expected)
      found += expected.length
    }
    expect(found).toBeGreaterThan(1_000)
    const figures = [
      `${advisories} advisories in ${seconds.toFixed(1)} s`,
      `${questions.length} packages with ${found} findings answered in ${answeredMs.toFixed(0)} ms`,
      `again in ${againMs.toFixed(0)} ms`,
    ]
    console.log(figures.join('; '))
  })
})

/** About the packages with the most advisories, each in a version that many of them are about. */
async function someQuestions(pool: Pick<Pool, 'query'>): Promise<Question[]> {
  const about = async (buckets: string, bucket: string, rule: Question['rule'], version: string) => {
    const { rows } = await pool.query<{ name: string }>(
      `select name from advisory_group where bucket like $1 group by name
       order by sum(jsonb_array_length(advisories)) desc, name limit 75`,
      [buckets],
    )
    return rows.map(({ name }): Question => ({ bucket, name, version, rule, arch: '' }))
  }
  return [
    ...(await about('debian 11', 'debian 11', 'debian', '1.0-1')),
    ...(await about('alpine 3.11', 'alpine 3.11', 'alpine', '1.0-r0')),
    ...(await about('npm::%', 'npm::', 'npm', '1.0.0')),
    ...(await about('pip::%', 'pip::', 'pip', '1.0')),
  ]
}
