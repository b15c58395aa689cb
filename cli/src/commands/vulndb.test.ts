import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { databaseLayer } from '@breakwater/vulndb/fixture'
import { describe, expect, it } from 'vitest'
import { content, hoursAgo } from '../../../server/test/vulndb/fixture.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

async function file(name: string, hours: number): Promise<string> {
  const path = join(cli().folder, name)
  writeFileSync(path, await databaseLayer(content(4, hoursAgo(hours))))
  return path
}

describe('breakwater vulndb', () => {
  it('says that there is none', async () => {
    expect(await cli().good(['vulndb', 'status'])).toContain('there is no database yet')
  })

  it('sends a file, waits for its import and shows it', async () => {
    const path = await file('db.tar.gz', 200)
    expect(await cli().good(['vulndb', 'import', path])).toContain('is in use')
    expect(await cli().good(['vulndb', 'import', path])).toContain('in use already')
    const shown = await cli().good(['vulndb', 'status'])
    expect(shown).toMatch(/built +\S+ \(8 days ago\)/)
    expect(shown).toContain('older than a week')
    expect(shown).toMatch(/1 +\d{4}-\d\d-\d\d \d\d:\d\d +user:admin +upload +done/)
    const status = await cli().json<{ database: { advisories: number } }>(['vulndb', 'status'])
    expect(status.database.advisories).toBe(5)
  })

  it('ends with 1 where a database is refused, and takes it with --force', async () => {
    const older = await file('older.tar.gz', 300)
    const { code, out } = await cli().run(['vulndb', 'import', older])
    expect(code).toBe(1)
    expect(out).toMatch(/^Refused; the database before stays\. .*before the one in use/)
    expect(await cli().good(['vulndb', 'update', `file:${older}`, '--force'])).toContain(`file:${older} is in use`)
  })

  it('updates from another source, or says why not', async () => {
    const newer = await file('newer.tar.gz', 1)
    expect(await cli().good(['vulndb', 'update', `file:${newer}`])).toContain(`file:${newer} is in use`)
    const { code, out } = await cli().run(['vulndb', 'update'])
    expect([code, out]).toEqual([1, expect.stringContaining('No source is configured')])
    expect(await cli().good(['vulndb', 'update', '--no-wait'])).toMatch(/Import \d+ goes on in the background/)
  })

  it('says what cannot be read', async () => {
    const missing = await cli().run(['vulndb', 'import', join(cli().folder, 'none')])
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('cannot be read')])
    expect((await cli().run(['vulndb', 'import', cli().folder])).code).toBe(2)
    const wrong = await cli().run(['vulndb', 'update', 'trivy-db'])
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('write oci:HOST/NAME:TAG')])
  })
})
