import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Evidence } from '../evidence.ts'
import { bundleType, envelopeType, simpleSigningType } from '../limits.ts'
import { type PublicKey, PublicKeyError, parsePublicKey } from '../public-key.ts'
import { verifyAttestation, verifyEvidence } from '../verify-evidence.ts'
import {
  type Attached,
  attachedTo,
  importKey,
  type KeyType,
  missing,
  programsIn,
  pushSubject,
  registries,
  type Stage,
  startStage,
} from './fixture.ts'

const programs = programsIn(process.env['TOOLS_DIR'])
const absent = missing(programs, ['cosign', 'cosign3', 'distribution', 'crane'])
if (absent.length > 0) console.log(`signing: ${absent.join(', ')} not in ${programs}: no test with the real cosign`)

const registry = ['--allow-insecure-registry', '--allow-http-registry']
const signing = ['--yes', '--tlog-upload=false', ...registry]
const verifying = ['verify', '--insecure-ignore-tlog', ...registry]
const experimental = { COSIGN_EXPERIMENTAL: '1' }

interface Layout {
  readonly program: 'cosign' | 'cosign3'
  readonly sign: readonly string[]
  readonly verify: readonly string[]
  readonly env?: Record<string, string>
  readonly type: string
  /** The artifact type of its manifest, and whether that names its subject. */
  readonly artifactType?: string
  readonly referrer: boolean
}

const bundled = { type: bundleType, artifactType: bundleType, referrer: true }
const layouts: Readonly<Record<string, Layout>> = {
  'cosign 2 tag': { program: 'cosign', sign: [], verify: [], type: simpleSigningType, referrer: false },
  'cosign 2 referrer': {
    program: 'cosign',
    sign: ['--registry-referrers-mode=oci-1-1'],
    verify: ['--experimental-oci11'],
    env: experimental,
    type: simpleSigningType,
    artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
    referrer: true,
  },
  'cosign 2 bundle': { program: 'cosign', sign: ['--new-bundle-format'], verify: [], ...bundled },
  'cosign 3 bundle': { program: 'cosign3', sign: ['--use-signing-config=false'], verify: [], ...bundled },
  'cosign 3 tag': {
    program: 'cosign3',
    sign: ['--use-signing-config=false', '--new-bundle-format=false'],
    verify: [],
    type: simpleSigningType,
    referrer: false,
  },
}

/** Whether cosign verifies what it signed with such a key: as it is, with the hash named, or not at all. */
const keys: readonly { readonly type: KeyType; readonly itself: 'yes' | 'no' | 'sha384' | 'sha512' }[] = [
  { type: 'P-256', itself: 'yes' },
  { type: 'RSA 2048', itself: 'yes' },
  { type: 'RSA 4096', itself: 'yes' },
  { type: 'P-384', itself: 'sha384' },
  { type: 'P-521', itself: 'sha512' },
  { type: 'Ed25519', itself: 'no' },
]

const name = (type: KeyType) => type.replace(' ', '').toLowerCase()
const only = <T>(all: readonly T[]): T => {
  const [first, ...rest] = all
  if (first === undefined || rest.length > 0) throw new Error(`expected one, found ${all.length}`)
  return first
}
const lines: string[] = []
afterAll(() => lines.length > 0 && console.log(`signing beside cosign 2 and 3:\n${lines.join('\n')}`))

describe.skipIf(absent.length > 0).each(registries)('in the registry of $name (needs ../shared/tools)', (program) => {
  let stage: Stage
  const pems = new Map<KeyType, string>()
  const used = program.name === 'distribution' ? keys : keys.slice(0, 1)

  beforeAll(async () => {
    stage = await startStage(programs, program)
    for (const { type } of used) pems.set(type, await importKey(stage, name(type), type))
  })
  afterAll(() => stage?.close())

  async function sign(layout: Layout, type: KeyType, repository: string, more: readonly string[] = []) {
    const digest = await pushSubject(stage.host, repository)
    const image = `${stage.host}/${repository}@${digest}`
    const args = ['sign', '--key', `${name(type)}.key`, ...signing, ...layout.sign, ...more, image]
    expect(await stage.run(layout.program, args, layout.env)).toMatchObject({ code: 0 })
    return { digest, image, attached: only(await attachedTo(stage.host, repository, digest)) }
  }

  describe.each(Object.entries(layouts))('%s', (title, layout) => {
    test.each(used)(
      '$type',
      async ({ type, itself }) => {
        const repository = `${title}/${type}`.replaceAll(' ', '').toLowerCase()
        const { digest, image, attached } = await sign(layout, type, repository)
        expect(shapeOf(attached)).toEqual({
          types: [layout.type],
          artifactType: layout.artifactType,
          subject: layout.referrer ? digest : undefined,
        })
        const evidence = only(attached.evidence)
        expect(evidence).toMatchObject({ kind: 'signature', subject: digest, signer: 'key' })
        const ours = usable(pems.get(type) ?? '', evidence, (key) => verifyEvidence(evidence, key, digest).code)
        expect(ours).toBe(itself === 'no' ? 'unsupported' : 'ok')

        const verify = async (extra: readonly string[]) => {
          const args = [...verifying, ...layout.verify, '--key', `${name(type)}.pub`, ...extra, image]
          const { code } = await stage.run('cosign3', args, layout.env)
          // cosign 2 wants a trusted root before it reads a bundle.
          if (!layout.referrer) expect(await stage.run('cosign', args, layout.env)).toMatchObject({ code })
          return code
        }
        const plain = await verify([])
        expect(plain === 0).toBe(itself === 'yes')
        const named = itself.startsWith('sha') ? await verify([`--signature-digest-algorithm=${itself}`]) : plain
        expect(named === 0).toBe(itself !== 'no')
        const theirs = plain === 0 ? 'verified' : named === 0 ? `verified with ${itself}` : 'not verified'
        lines.push(`  ${program.name}, ${title}, ${type}: ${ours}; cosign3 verify: ${theirs}`)
      },
      60_000,
    )
  })

  test('annotations are signed along, except by cosign 2 in a bundle', async () => {
    for (const [title, layout] of Object.entries(layouts)) {
      const repository = `annotated/${title}`.replaceAll(' ', '')
      const { attached } = await sign(layout, 'P-256', repository, ['-a', 'env=prod'])
      const evidence = only(attached.evidence)
      const dropped = title === 'cosign 2 bundle'
      expect({ title, ...evidence }).toMatchObject({ title, annotations: dropped ? {} : { env: 'prod' } })
      const simple = layout.type === simpleSigningType
      expect('reference' in evidence && evidence.reference).toBe(simple && `${stage.host}/${repository}`)
    }
  }, 60_000)

  test('a second signer adds a layer to the tag, and a referrer of its own in a bundle', async () => {
    const counts: Record<string, number[]> = {}
    for (const [title, layout] of Object.entries(layouts)) {
      const repository = `twice/${title}`.replaceAll(' ', '')
      const { digest, image } = await sign(layout, 'P-256', repository)
      await importKey(stage, 'second', 'P-256')
      const args = ['sign', '--key', 'second.key', ...signing, ...layout.sign, image]
      expect(await stage.run(layout.program, args, layout.env)).toMatchObject({ code: 0 })
      const all = await attachedTo(stage.host, repository, digest)
      counts[title] = all.map(({ evidence }) => evidence.length).sort()
      const key = parsePublicKey(pems.get('P-256') ?? '')
      const codes = all.flatMap(({ evidence }) => evidence.map((one) => verifyEvidence(one, key, digest).code))
      expect(codes.filter((code) => code === 'ok').length, title).toBeGreaterThan(0)
    }
    expect(counts).toEqual({
      'cosign 2 tag': [2],
      'cosign 2 referrer': [1, 1],
      'cosign 2 bundle': [1, 1],
      'cosign 3 bundle': [1, 1],
      'cosign 3 tag': [2],
    })
  }, 60_000)

  test.each([
    ['cosign 2', 'cosign', [], envelopeType],
    ['cosign 2 with a bundle', 'cosign', ['--new-bundle-format'], bundleType],
    ['cosign 3', 'cosign3', ['--use-signing-config=false'], bundleType],
  ])(
    'what %s attests is an attestation and no signature',
    async (title, tool, options, type) => {
      const repository = `attested/${title}`.replaceAll(' ', '')
      const digest = await pushSubject(stage.host, repository)
      const image = `${stage.host}/${repository}@${digest}`
      const predicate = ['--type', 'https://example.com/scan-failed', '--predicate', 'registry.yml']
      const args = ['attest', '--key', 'p-256.key', ...predicate, ...signing, ...options, image]
      expect(await stage.run(tool, args)).toMatchObject({ code: 0 })
      const attached = only(await attachedTo(stage.host, repository, digest))
      expect(attached.manifest).toMatchObject({ layers: [{ mediaType: type }] })
      const evidence = only(attached.evidence)
      expect(evidence).toMatchObject({ kind: 'attestation', predicateType: 'https://example.com/scan-failed' })
      const key = parsePublicKey(pems.get('P-256') ?? '')
      expect(verifyEvidence(evidence, key, digest).code).toBe('not-a-signature')
      expect(verifyAttestation(evidence, key, digest).code).toBe('ok')
      // A known difference (gate.md G4): to cosign 3 any signed bundle about the image is a signature.
      const { code } = await stage.run('cosign3', [...verifying, '--key', 'p-256.pub', image])
      expect(code === 0).toBe(type === bundleType)
      lines.push(
        `  ${program.name}, attestation by ${title}: not-a-signature; cosign3 verify: ${code === 0 ? 'verified' : 'not verified'}`,
      )
    },
    60_000,
  )
})

function shapeOf({ manifest }: Attached) {
  const types = manifest.kind === 'image' ? manifest.layers.map(({ mediaType }) => mediaType) : []
  return { types, artifactType: manifest.artifactType, subject: manifest.subject?.digest }
}

/** The code of a verification, or why the key cannot be used. A bundle's hint is the fingerprint. */
function usable(pem: string, evidence: Evidence, verify: (key: PublicKey) => string): string {
  try {
    const key = parsePublicKey(pem)
    if ('claimedKey' in evidence) expect(evidence.claimedKey).toBe(key.fingerprint)
    return verify(key)
  } catch (error) {
    if (error instanceof PublicKeyError) return error.code
    throw error
  }
}
