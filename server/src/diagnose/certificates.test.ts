import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Config, loadConfig } from '../config/index.ts'
import { checkCertificates } from './certificates.ts'

// own.crt is valid for 90 days from 2026-11-23 on, for registry.example.com, *.example.org and 10.1.2.3.
const folder = fileURLToPath(new URL('fixtures/', import.meta.url))
const made = new Date('2026-11-24T00:00:00Z')

function config(certificate: string, key: string, externalUrl = 'https://registry.example.com'): Config {
  return loadConfig({
    env: {
      BREAKWATER_TLS_CERT_FILE: join(folder, certificate),
      BREAKWATER_TLS_KEY_FILE: join(folder, key),
      BREAKWATER_EXTERNAL_URL: externalUrl,
    },
  })
}

function after(days: number): Date {
  return new Date(made.getTime() + days * 86_400_000)
}

test('without TLS there is nothing to check', async () => {
  expect(await checkCertificates(loadConfig({ env: {} }))).toMatchObject([{ status: 'ok' }])
})

test.each(['https://registry.example.com', 'https://a.example.org:8443', 'https://10.1.2.3'])(
  '%s is covered',
  async (url) => {
    expect(await checkCertificates(config('own.crt', 'own.key', url), made)).toMatchObject([
      { status: 'ok', message: expect.stringMatching(/valid for 89 more days/) },
    ])
  },
)

test.each(['https://example.com', 'https://own', 'https://10.1.2.4', 'https://[::1]'])('%s is not', async (url) => {
  expect(await checkCertificates(config('own.crt', 'own.key', url), made)).toMatchObject([
    { status: 'failed', message: expect.stringContaining('does not cover') },
  ])
})

test.each([
  [-1, 'failed', 'valid only from'],
  [61, 'warning', 'expires in'],
  [91, 'failed', 'expired on'],
])('%i days from now: %s', async (days, status, message) => {
  expect(await checkCertificates(config('own.crt', 'own.key'), after(days))).toMatchObject([
    { status, message: expect.stringContaining(message) },
  ])
})

test.each([
  ['own.crt', 'other.key', 'does not belong'],
  ['no-certificate.crt', 'own.key', 'holds no certificate'],
  ['missing.crt', 'own.key', 'ENOENT'],
  ['own.crt', 'own.crt', 'cannot be used'],
])('%s with %s', async (certificate, key, message) => {
  expect(await checkCertificates(config(certificate, key), made)).toMatchObject([
    { status: 'failed', message: expect.stringContaining(message), remedy: expect.stringContaining('tls.certFile') },
  ])
})
