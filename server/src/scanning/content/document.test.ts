import { expect, it } from 'vitest'
import { isDocument, isIdleConfig } from './document.ts'
import { documents } from './fixture.ts'

it.each(documents)('takes $mediaType', ({ mediaType, bytes }) => {
  expect(isDocument(mediaType, bytes)).toBe(true)
})

it.each(documents)('refuses $mediaType with anything after it', ({ mediaType, bytes }) => {
  expect(isDocument(mediaType, Buffer.concat([bytes, Buffer.from('\0'.repeat(512))]))).toBe(false)
})

it.each(documents)('refuses the content of other types as $mediaType', ({ mediaType, kind }) => {
  const others = documents.filter((other) => other.kind !== kind)
  expect(others.filter(({ bytes }) => isDocument(mediaType, bytes))).toEqual([])
})

it('refuses types that are not on the list', () => {
  expect(isDocument('application/vnd.example+json', Buffer.from('{}'))).toBe(false)
  expect(isDocument('toString', Buffer.from('{}'))).toBe(false)
})

/** A signature in JSON whose first 512 bytes are a tar header in the old format, without a NUL: `/bin/sh` follows. */
function signatureThatIsTar(): Buffer {
  const opening = '{"critical":{"identity":{"docker-reference":"'
  const name = `${opening}/${'../'.repeat(10)}bin/sh`.padEnd(100, 'x')
  const header = `${name}000755  000000  000000  00000000200 00000000000 ${' '.repeat(8)}0${'x'.repeat(355)}`
  const sum = [...Buffer.from(header)].reduce((total, byte) => total + byte, 0)
  const summed = `${header.slice(0, 148)}${sum.toString(8).padStart(6, '0')}  ${header.slice(156)}`
  const rest = `"},"image":{"docker-manifest-digest":"sha256:${'0'.repeat(64)}"},"type":"x"},"optional":null}`
  return Buffer.from(summed + rest)
}

it('refuses a signature that an engine would unpack', () => {
  const both = signatureThatIsTar()
  const type = 'application/vnd.dev.cosign.simplesigning.v1+json'
  expect(JSON.parse(both.toString())).toHaveProperty('critical')
  expect(isDocument(type, both)).toBe(false)
  // The same text, but for its checksum.
  both[148] = both[148] === 0x31 ? 0x32 : 0x31
  expect(isDocument(type, both)).toBe(true)
})

it('takes an attestation of a build whose variables differ by case alone', () => {
  const args = { http_proxy: '1', HTTP_PROXY: '2' }
  const statement = {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [{ name: '_', digest: { sha256: '0' } }],
    predicateType: 'https://slsa.dev/provenance/v0.2',
    predicate: { invocation: { args } },
  }
  expect(isDocument('application/vnd.in-toto+json', Buffer.from(JSON.stringify(statement)))).toBe(true)
})

it.each([
  ['', true],
  ['{}', true],
  ['{"architecture":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}', true],
  ['{"config":{"Entrypoint":["/bin/sh"]}}', false],
  ['{"config":{},"config":{"Entrypoint":["/bin/sh"]}}', false],
  ['{"config":{},"Config":{"Entrypoint":["/bin/sh"]}}', false],
  ['[]', false],
  ['\x7fELF', false],
])('a config %j can belong to evidence: %s', (text, idle) => {
  expect(isIdleConfig(Buffer.from(text))).toBe(idle)
})
