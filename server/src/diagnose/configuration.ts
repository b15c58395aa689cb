import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, isLoopback, type Secret } from '../config/index.ts'
import type { Finding } from './finding.ts'

const check = 'configuration'

/** Settings that are accepted but unwise, and secret files that others can read. */
export function checkConfiguration(config: Config): Finding[] {
  const findings = [...adminPassword(config.adminPassword), ...plainHttp(config), ...secretFiles(config)]
  return findings.length > 0 ? findings : [{ check, status: 'ok', message: 'the configuration is sound' }]
}

function adminPassword(password: Secret | undefined): Finding[] {
  const value = password?.reveal()
  if (value === undefined) return []
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((pattern) => pattern.test(value)).length
  // Harbor12345 is the password that Harbor's own documentation sets up with.
  if (value !== 'Harbor12345' && (value.length >= 16 || (value.length >= 10 && classes >= 3))) return []
  return [
    {
      check,
      status: 'warning',
      message: 'adminPassword is easy to guess',
      remedy: 'Use 16 or more random characters, or remove adminPassword to have one generated.',
    },
  ]
}

function plainHttp(config: Config): Finding[] {
  if (config.tls || isLoopback(config.listen.host) || config.externalUrl?.startsWith('https:')) return []
  return [
    {
      check,
      status: 'warning',
      message: 'clients on other machines send their passwords over plain HTTP',
      remedy: 'Set tls.certFile and tls.keyFile, or set externalUrl to the https address of the proxy that ends TLS.',
    },
  ]
}

function secretFiles(config: Config): Finding[] {
  const given = [config.adminPassword, config.secretKey, config.database.url].flatMap((secret) =>
    secret?.origin.kind === 'file' ? [secret.origin.path] : [],
  )
  const ours = ['secret.key', 'admin-password'].map((name) => join(config.dataDir, name))
  const key = config.tls ? [config.tls.keyFile] : []
  return [...given, ...ours, ...key].filter(readableByOthers).map((path) => ({
    check,
    status: 'warning',
    message: `every user of this machine can read the secret file ${path}`,
    remedy: `Run: chmod o-rwx ${path}`,
  }))
}

function readableByOthers(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && (stat.mode & 0o004) !== 0
}
