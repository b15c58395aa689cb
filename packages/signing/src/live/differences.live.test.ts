import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestOf } from '@breakwater/oci'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PublicKeyError, parsePublicKey } from '../public-key.ts'
import { verifyEvidence } from '../verify-evidence.ts'
import { attachedTo, missing, programsIn, pushSubject, registries, type Stage, startStage } from './fixture.ts'

const programs = programsIn(process.env['TOOLS_DIR'])
const absent = missing(programs, ['cosign', 'cosign3', 'distribution'])
if (absent.length > 0)
  console.log(`signing: ${absent.join(', ')} not in ${programs}: no differences to cosign are shown`)

const registry = ['--allow-insecure-registry', '--allow-http-registry']
const type = 'cosign container image signature'

/** A payload about a digest, as text, from the members of `critical`. */
const payload = (digest: Digest, changes: object = {}) =>
  JSON.stringify({ critical: { ...critical(digest), ...changes }, optional: null })
const critical = (digest: Digest) => ({
  identity: { 'docker-reference': 'host/app' },
  image: { 'docker-manifest-digest': digest },
  type,
})

type Attack = {
  readonly payload?: (digest: Digest) => string
  readonly key?: () => { privateKey: KeyObject; publicKey: KeyObject }
  readonly encoding?: 'der' | 'ieee-p1363'
  /** What cosign says and what we say. */
  readonly theirs: 'verified' | 'refused'
  readonly ours: string
}

const decoy = digestOf(Buffer.from('decoy'))
const twice = (digest: Digest) =>
  payload(decoy).replace('"optional":null', `"optional":null,"critical":${JSON.stringify(critical(digest))}`)
const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

const attacks: Readonly<Record<string, Attack>> = {
  'as cosign writes it': { theirs: 'verified', ours: 'ok' },
  'about another image': { payload: () => payload(decoy), theirs: 'refused', ours: 'other-digest' },
  'with another type': {
    payload: (digest) => payload(digest, { type: 'atomic container signature' }),
    theirs: 'verified',
    ours: 'malformed',
  },
  'with an unknown critical member': {
    payload: (digest) => payload(digest, { until: 2020 }),
    theirs: 'verified',
    ours: 'malformed',
  },
  'in other case': {
    payload: (digest) => payload(digest).replace('critical', 'CRITICAL'),
    theirs: 'verified',
    ours: 'malformed',
  },
  'with a second answer': { payload: twice, theirs: 'verified', ours: 'malformed' },
  'with a signature that is not in DER': { encoding: 'ieee-p1363', theirs: 'verified', ours: 'malformed' },
  'by RSA with 1,024 bits': {
    key: () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
    theirs: 'verified',
    ours: 'weak',
  },
  'by RSA with exponent 3': {
    key: () => generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
    theirs: 'verified',
    ours: 'weak',
  },
}

describe.skipIf(absent.length > 0)('a signature beside cosign (needs ../shared/tools)', () => {
  let stage: Stage
  const tally = { agree: 0, stricter: 0 }

  beforeAll(async () => {
    const [distribution] = registries
    if (!distribution) throw new Error('no registry')
    stage = await startStage(programs, distribution)
  })
  afterAll(async () => {
    await stage?.close()
    console.log(`signing: ${tally.agree} agree with cosign, ${tally.stricter} are refused that cosign verifies`)
  })

  test.each(Object.entries(attacks))(
    '%s',
    async (title, attack) => {
      const repository = title.toLowerCase().replace(/[^a-z0-9]+/g, '-')
      const digest = await pushSubject(stage.host, repository)
      const image = `${stage.host}/${repository}@${digest}`
      const { privateKey, publicKey } = (attack.key ?? ec)()
      const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
      const text = (attack.payload ?? payload)(digest)
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: attack.encoding ?? 'der' })
      await writeFile(join(stage.folder, 'payload'), text)
      await writeFile(join(stage.folder, 'signature'), signature.toString('base64'))
      await writeFile(join(stage.folder, 'key.pub'), pem)
      const attach = ['attach', 'signature', '--payload', 'payload', '--signature', 'signature', ...registry, image]
      expect(await stage.run('cosign', attach)).toMatchObject({ code: 0 })

      const [attached] = await attachedTo(stage.host, repository, digest)
      const [evidence] = attached?.evidence ?? []
      if (!evidence) throw new Error('no evidence')
      const code = () => verifyEvidence(evidence, parsePublicKey(pem), digest).code
      expect(outcome(code)).toBe(attack.ours)
      for (const cosign of ['cosign', 'cosign3']) {
        const args = ['verify', '--insecure-ignore-tlog', '--key', 'key.pub', ...registry, image]
        const said = (await stage.run(cosign, args)).code === 0 ? 'verified' : 'refused'
        expect(`${cosign}: ${said}`).toBe(`${cosign}: ${attack.theirs}`)
      }
      tally[(attack.theirs === 'verified') === (attack.ours === 'ok') ? 'agree' : 'stricter'] += 1
    },
    60_000,
  )
})

function outcome(code: () => string): string {
  try {
    return code()
  } catch (error) {
    if (error instanceof PublicKeyError) return error.code
    throw error
  }
}
