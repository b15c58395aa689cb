import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { checkClock } from './clock.ts'
import { checkConfiguration } from './configuration.ts'
import { checkDatabase } from './database.ts'
import { checkDisk } from './disk.ts'
import { diagnose } from './index.ts'
import { checkOpenFiles } from './open-files.ts'
import { checkStore } from './store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-doctor-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function config(env: NodeJS.ProcessEnv = {}): Config {
  return loadConfig({ env: { BREAKWATER_DATA_DIR: join(folder, 'data'), ...env } })
}

test('a fresh machine has nothing wrong and stays fresh', async () => {
  const findings = await diagnose(config({ BREAKWATER_LIMITS_MAX_CONNECTIONS: '10' }))
  expect(findings.filter(({ check, status }) => check !== 'disk' && status !== 'ok')).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

describe('database', () => {
  test('one that is up and migrated is fine, and its clock agrees', async () => {
    const database = await createTestDatabase()
    const { host, user, database: name } = database.connection
    const url = `postgres://${user}@/${name}?host=${encodeURIComponent(host)}`
    try {
      const findings = await checkDatabase(config({ BREAKWATER_DATABASE_URL: url }))
      expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
        'database ok',
        'database ok',
        'clock ok',
      ])
    } finally {
      await database.drop()
    }
  })

  test('one that is away is named without its password', async () => {
    const findings = await checkDatabase(config({ BREAKWATER_DATABASE_URL: 'postgres://u:hunter22@127.0.0.1:1/x' }))
    expect(findings).toMatchObject([
      {
        status: 'failed',
        message: expect.stringContaining('ECONNREFUSED'),
        remedy: expect.stringContaining('database.url'),
      },
    ])
    expect(JSON.stringify(findings)).not.toContain('hunter22')
  })

  test.each([
    [0, 'ok', /agrees/],
    [5_000, 'warning', /5 s behind/],
    [-5_000, 'warning', /5 s ahead of/],
    [-120_000, 'failed', /120 s ahead of/],
  ])('a clock %i ms off', (offset, status, message) => {
    const finding = checkClock(new Date(1_000_000 + offset), 1_000_000, 1_000_000)
    expect(finding.status).toBe(status)
    expect(finding.message).toMatch(message)
  })
})

describe('store and disk', () => {
  test('a folder is probed and left as it was', async () => {
    const findings = await checkStore(folder)
    // A slow disk is worth a warning, which is not what this test is about.
    expect(findings.filter(({ status }) => status === 'failed')).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })

  test('a file in the way is told', async () => {
    writeFileSync(join(folder, 'store'), '')
    expect(await checkStore(join(folder, 'store'))).toMatchObject([
      { status: 'failed', remedy: expect.stringContaining('store.root') },
    ])
  })

  test('free space is shown for folders that are still to be made', async () => {
    const [finding] = await checkDisk([join(folder, 'a', 'b')])
    expect(finding?.message).toMatch(/GiB free of/)
  })

  test('more connections than files is told', () => {
    const [finding] = checkOpenFiles(config({ BREAKWATER_LIMITS_MAX_CONNECTIONS: '1000000' }))
    expect(finding).toMatchObject({ status: 'warning', remedy: expect.stringContaining('LimitNOFILE') })
  })
})

describe('configuration', () => {
  test.each(['Harbor12345', 'password', 'aaaaaaaaaaa1'])('the password %s is weak', (password) => {
    expect(checkConfiguration(config({ BREAKWATER_ADMIN_PASSWORD: password }))).toMatchObject([
      { status: 'warning', message: expect.stringContaining('easy to guess') },
    ])
  })

  test.each(['a-long-enough-phrase', 'Tr0ub4dor&3'])('the password %s is not', (password) => {
    expect(checkConfiguration(config({ BREAKWATER_ADMIN_PASSWORD: password }))).toMatchObject([{ status: 'ok' }])
  })

  test('secret files that everybody can read are told', () => {
    mkdirSync(join(folder, 'data'))
    const path = join(folder, 'data', 'secret.key')
    writeFileSync(path, 'x')
    chmodSync(path, 0o644)
    expect(checkConfiguration(config())).toMatchObject([{ status: 'warning', remedy: `Run: chmod o-rwx ${path}` }])
    chmodSync(path, 0o600)
    expect(checkConfiguration(config())).toMatchObject([{ status: 'ok' }])
  })

  test('plain HTTP to the outside is told unless a proxy ends TLS', () => {
    const open = { BREAKWATER_LISTEN: '0.0.0.0:80', BREAKWATER_ALLOW_PLAIN_HTTP: 'true' }
    expect(checkConfiguration(config(open))).toMatchObject([{ status: 'warning' }])
    const behind = { ...open, BREAKWATER_EXTERNAL_URL: 'https://registry.example.com' }
    expect(checkConfiguration(config(behind))).toMatchObject([{ status: 'ok' }])
  })
})
