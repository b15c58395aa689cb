import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** PEM files for 127.0.0.1 and localhost, and the PEM to trust. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly ca: string
}

/** Makes a self-signed ECDSA P-256 certificate with openssl; both systems get the same kind. */
export function makeCertificate(folder: string): Certificate {
  const certFile = join(folder, 'tls.crt')
  const keyFile = join(folder, 'tls.key')
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const files = ['-keyout', keyFile, '-out', certFile]
  execFileSync('openssl', ['req', '-x509', ...curve, '-days', '2', ...names, ...files], { stdio: 'ignore' })
  return { certFile, keyFile, ca: readFileSync(certFile, 'utf8') }
}
