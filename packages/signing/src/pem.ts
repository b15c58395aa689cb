import { PublicKeyError } from './public-key-error.ts'

const longest = 16 * 1024
const block = /^-----BEGIN ([A-Z0-9 ]{1,64})-----\r?\n([A-Za-z0-9+/=\r\n]*)\r?\n?-----END \1-----$/
const labels = ['PUBLIC KEY', 'RSA PUBLIC KEY']

/**
 * The one block of a PEM text that holds a public key (RFC 7468 section 3, strict but for the length of lines). Throws
 * PublicKeyError.
 */
export function readPem(text: string): { readonly label: string; readonly der: Buffer } {
  if (text.length > longest) throw new PublicKeyError('not-pem', `a public key has at most ${longest} characters`)
  const starts = text.match(/-----BEGIN [^\n]*/g) ?? []
  refuseOthers(starts)
  if (starts.length > 1) throw new PublicKeyError('several', 'give one public key at a time')
  const [, label = '', body = ''] = block.exec(text.trim()) ?? []
  if (!labels.includes(label)) {
    throw new PublicKeyError('not-pem', 'give a PEM block that begins with -----BEGIN PUBLIC KEY----- and nothing else')
  }
  const base64 = body.replace(/\r?\n/g, '')
  const der = Buffer.from(base64, 'base64')
  if (base64 === '' || der.toString('base64') !== base64) {
    throw new PublicKeyError('not-pem', 'the PEM block does not hold base64')
  }
  return { label, der }
}

function refuseOthers(starts: readonly string[]): void {
  if (starts.some((line) => line.includes('PRIVATE KEY'))) {
    throw new PublicKeyError('private-key', 'this is a private key: keep it to yourself, and give its public key')
  }
  if (starts.some((line) => line.includes('CERTIFICATE'))) {
    throw new PublicKeyError(
      'certificate',
      'this is a certificate: give its public key (openssl x509 -pubkey -noout -in CERTIFICATE)',
    )
  }
}
