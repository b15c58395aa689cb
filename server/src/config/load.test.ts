import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Config, ConfigError, type ConfigProblem, formatVulndbSource, loadConfig, readConfig } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(text: string): string {
  const path = join(folder, 'breakwater.yaml')
  writeFileSync(path, text)
  return path
}

function problems(options: { file?: string; env?: NodeJS.ProcessEnv }): readonly ConfigProblem[] {
  try {
    loadConfig({ env: {}, ...options })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('sources', () => {
  test('without any, the defaults hold', () => {
    const config = loadConfig({ env: {} })
    expect(config).toMatchObject({
      dataDir: resolve('data'),
      listen: { host: '127.0.0.1', port: 8080 },
      allowPlainHttp: false,
      database: { poolSize: 10 },
      store: { kind: 'filesystem' },
      limits: { manifestBytes: 4 * 2 ** 20, uploadExpiry: 86_400_000, uploadMemory: 128 * 2 ** 20 },
      ledger: { pullFlush: 1000 },
    })
    expect(config.tls).toBeUndefined()
  })

  test('the file goes before the defaults, the environment before the file', () => {
    const path = file('log:\n  level: warn\n  format: json\nlisten: "[::1]:5000"\n')
    const { config, settings } = readConfig({ file: path, env: { BREAKWATER_LOG_LEVEL: 'error' } })
    expect(config.log).toEqual({ level: 'error', format: 'json', requests: true })
    expect(config.listen).toEqual({ host: '::1', port: 5000 })
    const places = Object.fromEntries(settings.map((setting) => [setting.key, setting.place]))
    expect(places).toMatchObject({
      'log.level': 'BREAKWATER_LOG_LEVEL',
      'log.format': `${path}:3:11`,
      listen: `${path}:4:9`,
      dataDir: 'default',
    })
  })

  test('BREAKWATER_CONFIG names the file, --config goes before it', () => {
    const path = file('ledger: { pullFlush: 500ms }')
    expect(loadConfig({ env: { BREAKWATER_CONFIG: path } }).ledger.pullFlush).toBe(500)
    expect(loadConfig({ file: path, env: { BREAKWATER_CONFIG: '/nowhere' } }).ledger.pullFlush).toBe(500)
  })

  test('an empty file and empty groups change nothing', () => {
    expect(loadConfig({ file: file('# nothing\n'), env: {} })).toEqual(loadConfig({ env: {} }))
    expect(loadConfig({ file: file('log:\nlimits: {}\n'), env: {} })).toEqual(loadConfig({ env: {} }))
  })

  test('aliases are followed', () => {
    const path = file('tls:\n  certFile: &pem /tls.pem\n  keyFile: *pem\n')
    expect(loadConfig({ file: path, env: {} }).tls).toEqual({ certFile: '/tls.pem', keyFile: '/tls.pem' })
  })

  test('numbers and flags are read from variables', () => {
    const env = { BREAKWATER_DATABASE_POOL_SIZE: '20', BREAKWATER_ALLOW_PLAIN_HTTP: 'true' }
    expect(loadConfig({ env })).toMatchObject({ database: { poolSize: 20 }, allowPlainHttp: true })
  })

  test('variables that Kubernetes makes for a service are left alone', () => {
    const env = {
      BREAKWATER_PORT: 'tcp://10.0.0.1:80',
      BREAKWATER_SERVICE_HOST: '10.0.0.1',
      BREAKWATER_SERVICE_PORT_HTTP: '80',
      BREAKWATER_PORT_80_TCP_ADDR: '10.0.0.1',
      BREAKWATER_WEB_PORT_80_TCP: 'tcp://10.0.0.1:80',
    }
    expect(problems({ env })).toEqual([])
  })
})

describe('problems', () => {
  test('all are told at once, each with key, place and remedy', () => {
    const path = file('listn: x\nlog:\n  level: loud\n  level: info\nlimits: 3\ntls:\n  certFile: a\n')
    const env = { BREAKWATER_DATA_DRI: '/x', BREAKWATER_DATABASE_POOL_SIZE: 'many' }
    expect(problems({ file: path, env })).toEqual([
      { place: `${path}:1:1`, key: 'listn', message: 'unknown key', remedy: 'Did you mean listen?' },
      { place: `${path}:4:3`, key: 'log.level', message: 'is given twice', remedy: 'Give each key once.' },
      { place: `${path}:5:1`, key: 'limits', message: 'has to hold keys', remedy: 'Indent its keys below limits.' },
      expect.objectContaining({ place: 'BREAKWATER_DATA_DRI', remedy: 'Did you mean BREAKWATER_DATA_DIR?' }),
      expect.objectContaining({ place: 'BREAKWATER_DATABASE_POOL_SIZE', message: '"many" is not usable' }),
      expect.objectContaining({ place: `${path}:3:10`, key: 'log.level', message: '"loud" is not usable' }),
      expect.objectContaining({ place: `${path}:7:13`, key: 'tls.keyFile' }),
    ])
  })

  test.each([
    ['listen: 0.0.0.0', 'listen', /host:port/],
    ['listen: "::1:80"', 'listen', /brackets/],
    ['listen: 127.0.0.1:99999', 'listen', /host:port/],
    ['externalUrl: https://example.com/registry', 'externalUrl', /without a path/],
    ['externalUrl: https://user@example.com', 'externalUrl', /origin/],
    ['limits: { uploadMemory: 64MB }', 'limits.uploadMemory', /MiB/],
    ['limits: { uploadMemory: 4000000 }', 'limits.uploadMemory', /unit/],
    ['limits: { manifestBytes: 1TiB }', 'limits.manifestBytes', /to 64MiB/],
    ['limits: { uploadExpiry: 1w }', 'limits.uploadExpiry', /ms, s, m, h, d/],
    ['database: { poolSize: 1 }', 'database.poolSize', /from 2 to 500/],
    ['database: { url: "mysql://x" }', 'database.url', /postgres:/],
    ['store: { kind: tape }', 'store.kind', /filesystem/],
    ['store: { kind: s3 }', 'store.s3.bucket', /Name the bucket/],
    ['store: { kind: s3, s3: { bucket: a/b } }', 'store.s3.bucket', /name of a bucket/],
    ['store: { kind: s3, s3: { bucket: blobs, accessKeyId: a } }', 'store.s3.secretAccessKey', /both/],
    ['store: { kind: s3, s3: { bucket: blobs, kmsKey: a } }', 'store.s3.kmsKey', /aws:kms/],
    ['store: { kind: s3, s3: { bucket: blobs, prefix: a } }', 'store.s3.prefix', /slash/],
    ['store: { kind: azure }', 'store.azure.container', /container/],
    ['store: { kind: azure, azure: { container: blobs } }', 'store.azure.account', /account/],
    ['store: { kind: azure, azure: { container: blobs, account: example } }', 'store.azure.accountKey', /keys/],
    ['store: { kind: gcs }', 'store.gcs.bucket', /bucket/],
    ['store: { redirect: true }', 'store.redirect', /false/],
    ['secretKey: short', 'secretKey', /32 characters/],
    ['adminPassword: 1234567890', 'adminPassword', /quotes/],
    ['dataDir:', 'dataDir', /default/],
    ['dataDir: [a]', 'dataDir', /default/],
    ['poolSize: 3', 'poolSize', /Did you mean database.poolSize/],
    ['colour: red', 'colour', /the keys here are dataDir, /],
    ['- a', 'breakwater.yaml', /key: value/],
    ['log: {', 'breakwater.yaml', /Correct the YAML/],
  ])('%s', (text, key, remedy) => {
    const [problem] = problems({ file: file(text) })
    expect(problem?.key).toContain(key)
    expect(problem?.place).toMatch(/breakwater\.yaml:1:\d+$/)
    expect(problem?.remedy).toMatch(remedy)
  })

  test('a file that is not there', () => {
    expect(problems({ file: join(folder, 'none.yaml') })[0]?.message).toContain('cannot be read (ENOENT)')
  })

  test.each(['0.0.0.0:80', '[::]:80', '192.168.1.4:80', 'registry.lan:80', '[::ffff:10.0.0.1]:80'])(
    'plain HTTP on %s has to be asked for',
    (listen) => {
      expect(problems({ env: { BREAKWATER_LISTEN: listen } })).toMatchObject([
        { key: 'listen', place: 'BREAKWATER_LISTEN', remedy: expect.stringContaining('allowPlainHttp') },
      ])
      expect(problems({ env: { BREAKWATER_LISTEN: listen, BREAKWATER_ALLOW_PLAIN_HTTP: 'true' } })).toEqual([])
      const tls = { BREAKWATER_TLS_CERT_FILE: 'c.pem', BREAKWATER_TLS_KEY_FILE: 'k.pem' }
      expect(problems({ env: { BREAKWATER_LISTEN: listen, ...tls } })).toEqual([])
    },
  )

  test.each(['127.0.0.1:0', '127.8.8.8:80', '[::1]:80', 'localhost:80'])('plain HTTP on %s is fine', (listen) => {
    expect(problems({ env: { BREAKWATER_LISTEN: listen } })).toEqual([])
  })
})

describe('secrets', () => {
  const key = 'k'.repeat(40)
  const reveal = (config: Config) => config.secretKey?.reveal()

  test('are literal, or read from a file or another variable', () => {
    writeFileSync(join(folder, 'key'), `${key}\n`)
    expect(reveal(loadConfig({ env: { BREAKWATER_SECRET_KEY: key } }))).toBe(key)
    expect(reveal(loadConfig({ env: { BREAKWATER_SECRET_KEY: `file:${join(folder, 'key')}` } }))).toBe(key)
    expect(reveal(loadConfig({ file: file('secretKey: env:KEY'), env: { KEY: `${key}\r\n` } }))).toBe(key)
  })

  test('that cannot be followed are named', () => {
    expect(problems({ env: { BREAKWATER_SECRET_KEY: 'env:NONE' } })[0]?.message).toContain('NONE is not set')
    expect(problems({ env: { BREAKWATER_SECRET_KEY: 'file:/none' } })[0]?.message).toContain('/none cannot be read')
  })

  test('never show', () => {
    const { config, settings } = readConfig({ env: { BREAKWATER_SECRET_KEY: key } })
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      `${config.secretKey}`,
      JSON.stringify(settings),
    ]
    for (const text of shown) {
      expect(text).toContain('[secret]')
      expect(text).not.toContain('kkk')
    }
    const refused = problems({ env: { BREAKWATER_SECRET_KEY: 'tooshort-kkk' } })
    expect(JSON.stringify(refused)).not.toContain('kkk')
  })
})

test('reads where the vulnerability database comes from', () => {
  const sources = (text: string) => loadConfig({ env: { BREAKWATER_VULNDB_SOURCE: text } }).vulndb.source
  expect(loadConfig({ env: {} }).vulndb.source.map(formatVulndbSource)).toEqual([
    'oci:mirror.gcr.io/aquasec/trivy-db:2',
    'oci:ghcr.io/aquasecurity/trivy-db:2',
  ])
  expect(sources('none')).toEqual([])
  expect(sources('file:/srv/a,b/db.tar.gz, oci:r.example/db').map(formatVulndbSource)).toEqual([
    'file:/srv/a,b/db.tar.gz',
    'oci:r.example/db:latest',
  ])
  expect(sources('file:db.tar.gz').map(formatVulndbSource)).toEqual([`file:${resolve('db.tar.gz')}`])
  for (const wrong of ['', 'oci:', 'oci:trivy-db:2', 'file:', '/srv/db.tar.gz', 'none,oci:r.example/db']) {
    expect(() => sources(wrong)).toThrow(/BREAKWATER_VULNDB_SOURCE/)
  }
})
