import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCrane } from '../crane/client.ts'
import { listArtifacts } from '../support/artifacts.ts'
import type { Account } from '../support/http.ts'
import { writeImageLayout } from '../support/image-layout.ts'
import { createPerson, type Person } from '../support/person.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting, pushOverTls } from './setting.ts'

/** No transparency log is asked: scenarios speak to nobody outside. */
const signing = ['--key', 'cosign.key', '--tlog-upload=false', '--yes']
const verifying = ['--key', 'cosign.pub', '--insecure-ignore-tlog=true']

/** What cosign 2 and 3 attach to an image beside its signature, and what they make of it. */
export const cosign: Scenario = {
  name: 'clients/cosign',
  tools: ['cosign', 'cosign3', 'crane', 'openssl'],
  needsRoot: false,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const people = createPeople((name) => createCosign('cosign', folder, name))
    const { robot, dana, nobody, readOnly } = people
    const crane = createCrane(folder, 'crane')
    await crane.login(host, setting.pipeline)
    const image = join(folder, 'image')
    const digest = writeImageLayout(image)
    for (const name of ['staging/api', 'open/api', 'gated/api']) await crane.run('push', image, `${host}/${name}:1`)
    const staging = `${host}/staging/api@${digest}`
    const production = `${host}/production/api`
    writeFileSync(join(folder, 'sbom.json'), '{"spdxVersion":"SPDX-2.3"}')
    writeFileSync(join(folder, 'predicate.json'), '{"tests":"passed"}')
    await robot.run('generate-key-pair')

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('sign, verify, download signature', async () => {
      await robot.run('sign', ...signing, staging)
      match(await readOnly.run('verify', ...verifying, staging), new RegExp(`"docker-manifest-digest":"${digest}"`))
      match(await dana.run('download', 'signature', staging), /"Base64Signature"/)
    })
    await check('attach sbom, download sbom', async () => {
      await robot.run('attach', 'sbom', '--sbom', 'sbom.json', staging)
      strictEqual(await dana.run('download', 'sbom', staging), '{"spdxVersion":"SPDX-2.3"}')
    })
    await check('attest, verify-attestation, download attestation', async () => {
      await robot.run('attest', ...signing, '--type', 'custom', '--predicate', 'predicate.json', staging)
      const verified = await readOnly.run('verify-attestation', ...verifying, '--type', 'custom', staging)
      deepStrictEqual(predicateOf(verified), { tests: 'passed' })
      deepStrictEqual(predicateOf(await dana.run('download', 'attestation', staging)), { tests: 'passed' })
      const other = ['verify-attestation', ...verifying, '--type', 'vuln', staging]
      match(await readOnly.complain(...other), /none of the attestations matched the predicate type/)
    })
    await check('tree', async () => {
      const tree = await dana.run('tree', staging)
      for (const part of ['Signatures', 'SBOMs', 'Attestations']) match(tree, new RegExp(`${part} for an image tag`))
    })
    await check('cosign 3: attest, verify-attestation and tree through referrers', () =>
      withCosign3(folder, host, setting.pipeline, digest),
    )
    await check('copy takes along what is attached, clean removes it', async () => {
      await dana.run('copy', staging, `${production}:1`)
      match(await dana.run('tree', `${production}:1`), /Attestations for an image tag/)
      await dana.run('clean', '-f', `${production}:1`)
      match(
        await dana.complain('verify', ...verifying, `${production}:1`),
        /no signatures found|no matching signatures/,
      )
    })
    await check('save, load', async () => {
      await readOnly.run('save', '--dir', join(folder, 'saved'), staging)
      await dana.run('load', '--dir', join(folder, 'saved'), `${production}:loaded`)
      await dana.run('verify', ...verifying, `${production}:loaded`)
    })
    await check("accessories of Harbor's API", async () => {
      const artifacts = await listArtifacts(setting.server, { project: 'staging', repository: 'api' })
      const { accessories } = artifacts.find((artifact) => artifact.digest === digest) ?? {}
      deepStrictEqual(
        accessories?.map(({ type }) => type),
        ['signature.cosign', 'signature.cosign'],
      )
    })
    await check('anonymous verify in a public project', async () => {
      await robot.run('sign', ...signing, `${host}/open/api@${digest}`)
      await nobody.run('verify', ...verifying, `${host}/open/api:1`)
    })
    await robot.run('generate-key-pair', '--output-key-prefix', 'other')
    await holdRefusals(
      stage,
      setting,
      { client: 'cosign', repository: 'api', begin: 'Error: ' },
      {
        'wrong password': async () => {
          // cosign keeps any password at the login, and finds out at the first use.
          await nobody.login(host, mistaken)
          return await nobody.complain('download', 'signature', staging)
        },
        'no login': () => createCosign('cosign', folder, 'stranger').complain('download', 'signature', staging),
        'a robot that may only pull': () =>
          readOnly.complain('sign', '--key', 'other.key', '--tlog-upload=false', '--yes', staging),
        'unknown repository': () => readOnly.complain('verify', ...verifying, `${host}/staging/none:1`),
        'unsigned, in a project that demands signatures': () =>
          readOnly.complain('verify', ...verifying, `${host}/gated/api:1`),
      },
    )
    await overTls(stage, image, digest)
  },
}

/** What the statement of a DSSE envelope says in its predicate, which cosign wraps for the type `custom`. */
function predicateOf(output: string): unknown {
  const { payload } = JSON.parse(output) as { readonly payload: string }
  const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as {
    readonly predicate: { readonly Data: string }
  }
  return JSON.parse(predicate.Data)
}

/** cosign 3 keeps an attestation as a referrer, and no tag. */
async function withCosign3(folder: string, host: string, account: Account, digest: string): Promise<void> {
  const { login: enter, run } = createCosign('cosign3', folder, 'robot-3')
  await enter(host, account)
  const image = `${host}/staging/api@${digest}`
  const attested = ['--use-signing-config=false', '--type', 'custom', '--predicate', 'predicate.json', image]
  await run('attest', ...signing, ...attested)
  deepStrictEqual(predicateOf(await run('verify-attestation', ...verifying, '--type', 'custom', image)), {
    tests: 'passed',
  })
  match(await run('tree', image), /cosign\.sigstore\.dev\/attestation\/v1 artifacts via OCI referrer/)
}

async function overTls(stage: Stage, image: string, digest: string): Promise<void> {
  const tls = await openTlsSetting(stage)
  const { host, admin, caFile } = tls
  const name = `${host}/library/api@${digest}`
  await stage.check('TLS with a private authority, and without it', async () => {
    await pushOverTls(stage.folder, tls, image)
    const trusting = createCosign('cosign', stage.folder, 'trusting')
    await trusting.login(host, admin)
    const authority = ['--registry-cacert', caFile]
    await trusting.run('sign', ...signing, ...authority, name)
    await trusting.run('verify', ...verifying, ...authority, name)
    match(await trusting.complain('verify', ...verifying, name), /x509: certificate signed by unknown authority/)
  })
}

/** cosign with logins of its own; the keys are those of `folder`. */
function createCosign(program: 'cosign' | 'cosign3', folder: string, name: string): Person {
  const config = join(folder, `${name}-config`)
  mkdirSync(config)
  const env = {
    DOCKER_CONFIG: config,
    COSIGN_PASSWORD: 'of-the-key',
    TUF_ROOT: join(config, 'tuf'),
    // Keys need no root of trust; it is sought nevertheless, and not found here.
    TUF_MIRROR: 'http://127.0.0.1:1',
  }
  return createPerson({ program, login: ['login', '--password-stdin'], env, cwd: folder })
}
