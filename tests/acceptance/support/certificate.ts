import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from './command.ts'

/** A server's PEM files, and the PEM of the authority that signed them. */
export interface ServerCertificate {
  readonly certFile: string
  readonly keyFile: string
  readonly ca: string
}

/** A certificate authority that only this test knows. */
export interface Authority {
  readonly caFile: string
  /** Writes certificate and key over the files that are there, as a renewal does. */
  readonly issue: (folder: string) => Promise<ServerCertificate>
}

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** Makes an authority in `folder`, which has to be its own. Its certificates name 127.0.0.1, 0.0.0.0 and localhost. */
export async function createAuthority(folder: string, name: string): Promise<Authority> {
  mkdirSync(folder)
  const caFile = join(folder, 'ca.crt')
  const caKey = join(folder, 'ca.key')
  const isAuthority = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign']
  const template = join(folder, 'openssl.cnf')
  // Without a file of our own, the system's adds a second set of extensions.
  writeFileSync(template, '[req]\ndistinguished_name = name\n[name]\n')
  const request = ['req', '-x509', '-config', template, ...key]
  await outputOf('openssl', [...request, '-subj', `/CN=${name}`, ...isAuthority, '-keyout', caKey, '-out', caFile])
  const names = 'subjectAltName=IP:127.0.0.1,IP:0.0.0.0,DNS:localhost'
  const issue = async (target: string): Promise<ServerCertificate> => {
    mkdirSync(target, { recursive: true })
    const certFile = join(target, 'tls.crt')
    const keyFile = join(target, 'tls.key')
    const signer = ['-CA', caFile, '-CAkey', caKey]
    const leaf = ['-addext', 'basicConstraints=CA:FALSE', '-addext', names]
    const files = ['-keyout', keyFile, '-out', certFile]
    await outputOf('openssl', [...request, ...signer, '-subj', '/CN=registry', ...leaf, ...files])
    return { certFile, keyFile, ca: readFileSync(caFile, 'utf8') }
  }
  return { caFile, issue }
}
