import { expect, it } from 'vitest'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

it('says what is wrong where the database cannot be used, without its password', async () => {
  const env = { BREAKWATER_DATABASE_URL: 'postgres://u:hunter22@127.0.0.1:1/x', BREAKWATER_VULNDB_SOURCE: 'none' }
  const { code, err } = await cli().run(['serve'], { env })
  expect(code).toBe(1)
  expect(err).toContain("breakwater: The database can't be used: connect ECONNREFUSED 127.0.0.1:1.")
  expect(err).toContain('database.url (BREAKWATER_DATABASE_URL)')
  expect(err).not.toContain('hunter22')
})
