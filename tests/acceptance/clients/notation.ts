import { deepStrictEqual, match, ok } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCrane } from '../crane/client.ts'
import { listArtifacts } from '../support/artifacts.ts'
import { complaintOf, outputOf } from '../support/command.ts'
import type { Account } from '../support/http.ts'
import { writeImageLayout } from '../support/image-layout.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { holdRefusals } from './refusals.ts'
import { openSetting, openTlsSetting, pushOverTls } from './setting.ts'

const plain = '--insecure-registry'

/** A pipeline that signs with Notation, and those who verify. */
export const notation: Scenario = {
  name: 'clients/notation',
  tools: ['notation', 'crane', 'openssl'],
  needsRoot: false,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { server, host, developer, pipeline, reader, mistaken } = setting
    const { run, complain } = createNotation(folder)
    const crane = createCrane(folder, 'crane')
    await crane.login(host, pipeline)
    const image = join(folder, 'image')
    const digest = writeImageLayout(image)
    for (const name of ['staging/api', 'open/api', 'gated/api']) await crane.run('push', image, `${host}/${name}:1`)
    const signed = `${host}/staging/api@${digest}`
    const list = (name: string) => ['list', plain, `${host}/${name}@${digest}`]

    await check('cert generate-test, policy import', async () => {
      await run(undefined, 'cert', 'generate-test', '--default', 'release')
      await run(undefined, 'policy', 'import', writePolicy(folder))
    })
    await check('sign, by the referrers API and as notation does by default, with a tag beside it', async () => {
      const sign = ['sign', plain, '--signature-format']
      match(await run(pipeline, ...sign, 'cose', '--force-referrers-tag=false', signed), /Successfully signed/)
      match(await run(pipeline, ...sign, 'jws', signed), /Successfully signed/)
    })
    await check('list, inspect', async () => {
      deepStrictEqual((await run(developer, ...list('staging/api'))).match(/sha256:[0-9a-f]{64}$/gm)?.length, 3)
      match(await run(developer, 'inspect', plain, signed), /media type: application\/cose/)
    })
    await check('verify, and not what nobody has signed', async () => {
      match(await run(reader, 'verify', plain, signed), /Successfully verified/)
      const other = `${host}/open/api@${digest}`
      match(await complain(undefined, 'verify', plain, other), /no signature is associated/)
    })
    await check("accessories of Harbor's API", async () => {
      const artifacts = await listArtifacts(server, { project: 'staging', repository: 'api' })
      const { accessories } = artifacts.find((artifact) => artifact.digest === digest) ?? {}
      deepStrictEqual(
        accessories?.map(({ type }) => type),
        ['signature.notation', 'signature.notation'],
      )
    })
    await check('anonymous list in a public project', async () => {
      await run(pipeline, 'sign', plain, `${host}/open/api@${digest}`)
      ok((await run(undefined, ...list('open/api'))).includes('application/vnd.cncf.notary.signature'))
    })
    await holdRefusals(
      stage,
      setting,
      { client: 'notation', repository: 'api', begin: 'Error: ' },
      {
        'wrong password': () => complain(mistaken, ...list('staging/api')),
        'no login': () => complain(undefined, ...list('staging/api')),
        'a robot that may only pull': () => complain(reader, 'sign', plain, signed),
        'unknown repository': () => complain(reader, ...list('staging/none')),
        'unsigned, in a project that demands signatures': () => complain(reader, ...list('gated/api')),
      },
    )
    await overTls(stage, image, digest)
  },
}

async function overTls(stage: Stage, image: string, digest: string): Promise<void> {
  const tls = await openTlsSetting(stage)
  const { host, admin, caFile } = tls
  const name = `${host}/library/api@${digest}`
  await stage.check('TLS with a private authority, and without it', async () => {
    await pushOverTls(stage.folder, tls, image)
    const trusting = createNotation(stage.folder, caFile)
    await trusting.run(admin, 'sign', name)
    match(await trusting.run(admin, 'verify', name), /Successfully verified/)
    const { complain } = createNotation(stage.folder)
    match(await complain(admin, 'verify', name), /x509: certificate signed by unknown authority/)
  })
}

/** Whatever is signed by somebody of the store `release` is good. */
function writePolicy(folder: string): string {
  const file = join(folder, 'policy.json')
  const policy = {
    name: 'all',
    registryScopes: ['*'],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:release'],
    trustedIdentities: ['*'],
  }
  writeFileSync(file, JSON.stringify({ version: '1.0', trustPolicies: [policy] }))
  return file
}

/** notation with keys, trust and logins of its own. It keeps no password without a credentials store, so it is told
 * name and password of the account by the environment, as a pipeline does. */
function createNotation(folder: string, caFile?: string) {
  const config = join(folder, 'notation')
  mkdirSync(config, { recursive: true })
  const env = (account: Account | undefined) => ({
    XDG_CONFIG_HOME: config,
    DOCKER_CONFIG: config,
    ...(account && { NOTATION_USERNAME: account.user, NOTATION_PASSWORD: account.password }),
    ...(caFile !== undefined && { SSL_CERT_FILE: caFile }),
  })
  return {
    run: (account: Account | undefined, ...args: readonly string[]) =>
      outputOf('notation', args, { env: env(account) }),
    complain: (account: Account | undefined, ...args: readonly string[]) =>
      complaintOf('notation', args, { env: env(account) }),
  }
}
