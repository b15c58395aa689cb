import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { settingsOf } from './catalogue.ts'
import { readConfig } from './load.ts'
import { schema } from './schema.ts'

const example = fileURLToPath(new URL('../../../examples/breakwater.yaml', import.meta.url))

let secrets: string
beforeAll(() => {
  secrets = mkdtempSync(join(tmpdir(), 'breakwater-example-'))
  writeFileSync(join(secrets, 'admin-password'), 'correct horse\n')
  writeFileSync(join(secrets, 'secret-key'), `${'k'.repeat(32)}\n`)
  writeFileSync(join(secrets, 's3-secret'), 'secret\n')
  writeFileSync(join(secrets, 'azure-key'), 'a2V5\n')
})
afterAll(() => rmSync(secrets, { recursive: true }))

test('the example loads and gives every setting', () => {
  const file = join(secrets, 'breakwater.yaml')
  writeFileSync(file, readFileSync(example, 'utf8').replaceAll('/run/secrets', secrets))
  const { settings } = readConfig({ file, env: { DATABASE_URL: 'postgres://db/breakwater' } })
  expect(settings.map(({ key }) => key)).toEqual(settingsOf(schema).map(({ key }) => key))
  expect(settings.filter(({ place }) => place === 'default')).toEqual([])
})

test('the example shows the defaults', () => {
  const given: unknown = parse(readFileSync(example, 'utf8'))
  for (const { key, default: value } of settingsOf(schema)) {
    if (value !== undefined) expect(given).toHaveProperty(key, value)
  }
})
