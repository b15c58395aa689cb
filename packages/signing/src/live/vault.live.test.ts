import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PublicKeyError, parsePublicKey } from '../public-key.ts'
import { verifyEvidence } from '../verify-evidence.ts'
import {
  answers,
  attachedTo,
  freePort,
  missing,
  programsIn,
  pushSubject,
  registries,
  type Stage,
  start,
  startStage,
} from './fixture.ts'

const programs = programsIn(process.env['TOOLS_DIR'])
const absent = missing(programs, ['bao', 'cosign', 'cosign3', 'distribution'])
if (absent.length > 0) console.log(`signing: ${absent.join(', ')} not in ${programs}: no test with keys in a vault`)

const options = ['--allow-insecure-registry', '--allow-http-registry']
const token = 'fixture-token'

describe.skipIf(absent.length > 0)("keys in Vault's transit engine (needs ../shared/tools)", () => {
  let stage: Stage
  let stop: () => Promise<void>
  let environment: Record<string, string>

  beforeAll(async () => {
    const [distribution] = registries
    if (!distribution) throw new Error('no registry')
    stage = await startStage(programs, distribution)
    const address = `127.0.0.1:${await freePort()}`
    const args = ['server', '-dev', `-dev-root-token-id=${token}`, `-dev-listen-address=${address}`]
    stop = start(join(programs, 'bao'), args, stage.folder)
    await answers(`http://${address}/v1/sys/health`)
    const url = `http://${address}`
    environment = { VAULT_ADDR: url, VAULT_TOKEN: token, BAO_ADDR: url, BAO_TOKEN: token }
    expect(await stage.run('bao', ['secrets', 'enable', 'transit'], environment)).toMatchObject({ code: 0 })
  })
  afterAll(async () => {
    await stop?.()
    await stage?.close()
  })

  // What cosign signs as a bundle, and verifies with the public key. Through Vault it hashes with SHA-256, whatever the
  // curve, and so cannot make the bundle for the larger ones.
  test.each([
    ['ecdsa-p256', { bundle: true, verified: true, ours: 'ok' }],
    ['ecdsa-p384', { bundle: false, verified: true, ours: 'ok' }],
    ['ecdsa-p521', { bundle: false, verified: true, ours: 'ok' }],
    ['rsa-2048', { bundle: true, verified: true, ours: 'ok' }],
    ['rsa-4096', { bundle: true, verified: true, ours: 'ok' }],
    ['ed25519', { bundle: false, verified: false, ours: 'unsupported' }],
  ])(
    '%s',
    async (type, expected) => {
      const key = `hashivault://${type}`
      expect(
        await stage.run('bao', ['write', '-f', `transit/keys/${type}`, `type=${type}`], environment),
      ).toMatchObject({ code: 0 })
      const file = `${type}.pub`
      const exported = ['public-key', '--key', key, '--outfile', file]
      expect(await stage.run('cosign', exported, environment)).toMatchObject({ code: 0 })
      const pem = await readFile(join(stage.folder, file), 'utf8')

      for (const program of ['cosign', 'cosign3']) {
        const repository = `${program}/${type}`
        const digest = await pushSubject(stage.host, repository)
        const image = `${stage.host}/${repository}@${digest}`
        const more = program === 'cosign3' ? ['--use-signing-config=false'] : []
        const args = ['sign', '--key', key, '--yes', '--tlog-upload=false', ...options, ...more, image]
        const { code } = await stage.run(program, args, environment)
        expect(code === 0).toBe(program === 'cosign' || expected.bundle)
        if (code !== 0) continue
        const [attached] = await attachedTo(stage.host, repository, digest)
        const [evidence] = attached?.evidence ?? []
        if (!evidence) throw new Error('no evidence')
        expect(outcome(() => verifyEvidence(evidence, parsePublicKey(pem), digest).code)).toBe(expected.ours)
        const verify = ['verify', '--insecure-ignore-tlog', '--key', file, ...options, image]
        expect((await stage.run('cosign3', verify)).code === 0).toBe(expected.verified)
      }
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
