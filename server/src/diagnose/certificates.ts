import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Config } from '../config/index.ts'
import { type Finding, reason } from './finding.ts'

const check = 'certificates'
const day = 86_400_000
const soon = 30

/** Whether the TLS files can be read, belong together, are valid now and name the registry. */
export async function checkCertificates({ tls, externalUrl }: Config, now = new Date()): Promise<Finding[]> {
  if (!tls) return [{ check, status: 'ok', message: 'TLS is not configured' }]
  try {
    const [certificates, key] = [await readFile(tls.certFile, 'utf8'), await readFile(tls.keyFile)]
    const chain = certificates.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? []
    const [own, ...above] = chain.map((pem) => new X509Certificate(pem))
    if (!own) return [failed(`${tls.certFile} holds no certificate`, 'Put the PEM certificate into tls.certFile.')]
    const findings = [
      ...pair(own, createPrivateKey(key), tls),
      ...[own, ...above].flatMap((certificate) => period(certificate, now)),
      ...order(own, above, tls.certFile),
      ...names(own, externalUrl),
    ]
    if (findings.length > 0) return findings
    return [{ check, status: 'ok', message: `the certificate is valid for ${daysLeft(own, now)} more days` }]
  } catch (error) {
    const message = `the TLS files cannot be used: ${reason(error)}`
    return [
      failed(message, 'tls.certFile and tls.keyFile have to be readable PEM files, the key without a passphrase.'),
    ]
  }
}

type Tls = NonNullable<Config['tls']>

function pair(certificate: X509Certificate, key: ReturnType<typeof createPrivateKey>, tls: Tls): Finding[] {
  if (certificate.checkPrivateKey(key)) return []
  const message = `the key in ${tls.keyFile} does not belong to the first certificate in ${tls.certFile}`
  return [failed(message, 'Put the server certificate first in tls.certFile, and its own key into tls.keyFile.')]
}

function period(certificate: X509Certificate, now: Date): Finding[] {
  const subject = certificate.subject.replaceAll('\n', ', ')
  const remedy = 'Renew the certificate; a replaced file is read without a restart.'
  if (certificate.validFromDate > now) {
    const message = `the certificate ${subject} is valid only from ${certificate.validFromDate.toISOString()}`
    return [failed(message, "Check this machine's clock, or wait.")]
  }
  const left = daysLeft(certificate, now)
  if (left < 0)
    return [failed(`the certificate ${subject} expired on ${certificate.validToDate.toISOString()}`, remedy)]
  if (left > soon) return []
  return [{ check, status: 'warning', message: `the certificate ${subject} expires in ${left} days`, remedy }]
}

function order(own: X509Certificate, above: readonly X509Certificate[], file: string): Finding[] {
  const broken = [own, ...above].some((certificate, i) => {
    const issuer = above[i]
    return issuer !== undefined && !certificate.checkIssued(issuer)
  })
  if (!broken) return []
  const remedy = 'Order the file: server certificate, then the one that issued it, and so on.'
  return [{ check, status: 'warning', message: `the certificates in ${file} do not follow one another`, remedy }]
}

function names(own: X509Certificate, externalUrl: string | undefined): Finding[] {
  if (externalUrl === undefined) return []
  const host = new URL(externalUrl).hostname.replace(/^\[|\]$/g, '')
  const covered = isIP(host) ? own.checkIP(host) : own.checkHost(host, { subject: 'never' })
  if (covered !== undefined) return []
  const message = `the certificate names ${own.subjectAltName ?? 'nothing'}, which does not cover ${host}`
  return [failed(message, `Use a certificate with the subject alternative name ${host}, or correct externalUrl.`)]
}

function failed(message: string, remedy: string): Finding {
  return { check, status: 'failed', message, remedy }
}

function daysLeft(certificate: X509Certificate, now: Date): number {
  return Math.floor((certificate.validToDate.getTime() - now.getTime()) / day)
}
