import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from 'node:assert/strict'
import { createHash, createPublicKey, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, engines } from '../docker/engine.ts'
import { shell, writeGatedContext } from '../gate/vulnerable-image.ts'
import { createRobot } from '../support/accounts.ts'
import { untilScanned } from '../support/artifacts.ts'
import { breakwater } from '../support/breakwater-command.ts'
import { send } from '../support/http.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { vaultTools } from '../support/vault.ts'
import { databaseMissing } from '../support/vulnerability-database.ts'
import { guideCommands, guideScript } from './commands.ts'
import type { Cosign } from './cosign.ts'
import { createCurl } from './curl.ts'
import { type Environment, loggedIn, openSigningSetting, type SigningSetting } from './signing-setting.ts'

const COSIGN_KEY = 'hashivault://harbor-cosign'
const promotion = { step: 'Cosign sign and promote', until: 'Always sign' }

/**
 * Step 6 of the guide as it is printed, with cosign and keys in a vault, and what enforces it: step 7's call to the
 * registry, the fourth validation, and a pinned key.
 */
export function guideStep6(cosign: Cosign): Scenario {
  return {
    name: `guide/step-6-${cosign.program}`,
    tools: [cosign.program, 'crane', 'curl', ...vaultTools, ...engines.flatMap(({ tools }) => tools), shell],
    needsRoot: true,
    unavailable: databaseMissing,
    async run(stage) {
      const story = await begin(stage, cosign)
      await makeKeys(stage, story)
      await demandSignatures(stage, story)
      const plain = await publish(stage, story, 'debian')
      const index = await publish(stage, story, 'current')
      await signAndPromote(stage, story, plain, index)
      await pinned(stage, story, index)
      await otherSigners(stage, story)
    },
  }
}

/** What the chapters share. */
interface Story {
  readonly setting: SigningSetting
  readonly cosign: Cosign
  readonly curl: ReturnType<typeof createCurl>
  /** A robot that may push to staging and to production, with the pipeline's key. */
  readonly promoter: Environment
}

/** An image that was pushed to staging. */
interface Published {
  readonly commit: string
  readonly digest: string
  /** What it prints. */
  readonly message: string
}

async function begin(stage: Stage, cosign: Cosign): Promise<Story> {
  const { folder, check, note } = stage
  const setting = await openSigningSetting(stage, cosign, async (server) => {
    const commands = guideCommands('4. Create', '5. Push').slice(0, 4)
    const curl = createCurl(server, folder)
    await check('g4-projects production and its gate are made', async () => {
      strictEqual(commands.length, 4)
      const answers = await Promise.all(commands.slice(0, 1).map(curl))
      for (const command of commands.slice(1)) answers.push(await curl(command))
      deepStrictEqual(
        answers.map(({ status }) => status),
        ['201', '200', '200', '200'],
      )
    })
  })
  const { server } = setting
  note(`harbor.example.com is ${server.host}; VAULT_ADDR and VAULT_TOKEN are those of bao`)
  note(`cosign is ${cosign.program} (${cosign.version})`)
  note(`added to cosign sign: ${cosign.signOffline.join(' ')}; to cosign verify: ${cosign.verifyOffline.join(' ')}`)
  const promoter = await createRobot(server, 'promoter', ['staging', 'production'], ['pull', 'push'])
  const environment = await loggedIn(setting, 'promoter', promoter)
  return { setting, cosign, curl: createCurl(server, folder), promoter: { ...environment, COSIGN_KEY } }
}

async function makeKeys({ check }: Stage, { setting, promoter }: Story): Promise<void> {
  const { work, run } = setting
  const [generate, exportPublic] = guideCommands('# one-time', 'Add the signing', ['cosign'])
  await check('g6-cosign cosign generate-key-pair --kms hashivault://harbor-cosign', async () => {
    match(await run(generate, promoter), /Public key written to cosign\.pub/)
  })
  await check('g6-cosign cosign public-key > cosign.pub, and no private key on the disk', async () => {
    await run(exportPublic, promoter)
    match(readFileSync(join(work, 'cosign.pub'), 'utf8'), /^-----BEGIN PUBLIC KEY-----\n/)
    deepStrictEqual(
      readdirSync(work).filter((name) => name.endsWith('.key')),
      [],
    )
  })
}

async function demandSignatures({ check, note }: Stage, { setting: { server }, curl }: Story): Promise<void> {
  note("step 7's call comes before the signature, to show what it refuses")
  const [call] = guideCommands('7. Enforce', 'At admission')
  await check('g7-gate PUT enable_content_trust_cosign=true', async () => {
    deepStrictEqual(await curl(call), { body: '', status: '200' })
    const { body } = await send(`${server.url}/api/v2.0/projects/production`, { account: server.admin })
    strictEqual(JSON.parse(body).metadata.enable_content_trust_cosign, 'true')
  })
}

/** Builds, and pushes to staging, with an engine: Debian's makes a manifest alone, the current one an index. */
async function publish({ folder, check }: Stage, story: Story, engine: Engine['name']): Promise<Published> {
  const { setting, promoter } = story
  const commit = randomUUID().replaceAll('-', '')
  const context = join(folder, commit)
  const { message } = writeGatedContext(context, 'fixed')
  const runner = setting.runners.find((one) => one.engine === engine)
  const env = { ...promoter, DOCKER_HOST: runner?.docker.environment['DOCKER_HOST'] ?? '', GITHUB_SHA: commit }
  const [build, push] = guideCommands('5. Push', '6. Sign', ['docker'])
  let digest = ''
  await check(`g5-ci docker build and docker push, ${engine}`, async () => {
    await setting.run(`cd ${context}; ${build?.replace('docker build', `docker build --label commit=${commit}`)}`, env)
    match(await setting.run(push, env), /digest: sha256:[0-9a-f]{64}/)
    digest = await setting.run('crane digest harbor.example.com/staging/payments-api:$GITHUB_SHA', env)
    match(digest, /^sha256:[0-9a-f]{64}$/)
  })
  return { commit, digest, message }
}

/** Copies to production as the guide does, under another tag. */
async function promoteUnsigned({ setting, promoter }: Story, { digest }: Published, tag: string): Promise<void> {
  const [copy] = guideCommands(`- name: ${promotion.step}`, promotion.until, ['crane'])
  await setting.run(copy, { ...promoter, DIGEST: digest, GITHUB_SHA: tag })
  await untilScanned(setting.server, { project: 'production', repository: 'payments-api', reference: tag })
}

/** Both engines are refused, with this reason; what they print is told. */
async function refusedEverywhere({ note }: Stage, { setting }: Story, tag: string, reason: RegExp): Promise<void> {
  for (const { engine, docker } of setting.nodes) {
    const complaint = await docker.complain('pull', `${setting.server.host}/production/payments-api:${tag}`)
    note(`${engine}: ${complaint}`)
    match(
      complaint,
      engine === 'debian'
        ? /denied: The image is not signed by cosign\./
        : /error from registry: The image is not signed by cosign\./,
    )
    match(complaint, reason)
  }
}

/** Both engines fetch it anew, and run it. */
async function runsEverywhere({ setting }: Story, { commit, message }: Published): Promise<void> {
  const image = `${setting.server.host}/production/payments-api:${commit}`
  for (const { docker } of setting.nodes) {
    await docker.run('pull', image)
    strictEqual(await docker.run('run', '--rm', image), message)
    await docker.run('image', 'rm', '-f', image)
  }
}

async function why({ note }: Stage, { setting }: Story, tag: string): Promise<string> {
  const said = await breakwater(setting.server, ['why', `production/payments-api:${tag}`])
  note(said)
  return said
}

async function signAndPromote(stage: Stage, story: Story, plain: Published, index: Published): Promise<void> {
  const { check, note } = stage
  const { setting, promoter } = story
  const script = guideScript(promotion.step, promotion.until)
  const noSignature = /It has no signature\./
  await check('g7-gate docker pull before it is signed is refused', async () => {
    for (const [tag, image] of Object.entries({ 'unsigned-plain': plain, 'unsigned-index': index })) {
      await promoteUnsigned(story, image, tag)
      await refusedEverywhere(stage, story, tag, noSignature)
    }
  })
  await check('g7-gate nobody is exempt, not even the administrator who may push', async () => {
    const docker = setting.nodes[0]?.docker.as('admin')
    await docker?.login(setting.server.host, setting.server.admin)
    const complaint = await docker?.complain('pull', `${setting.server.host}/production/payments-api:unsigned-plain`)
    note(complaint ?? '')
    match(complaint ?? '', /not signed by cosign/)
  })
  await check('breakwater why names what is missing', async () => {
    match(
      await why(stage, story, 'unsigned-plain'),
      /REFUSED\n {2}refused {2}The image is not signed by cosign\. It has no/,
    )
  })
  await check('g6-cosign cosign sign in staging and crane copy to production', async () => {
    note('a robot of its own promotes: that of step 4 may not push to production')
    for (const { commit } of [plain, index]) note(await setting.run(script, { ...promoter, GITHUB_SHA: commit }))
  })
  await check('v4 cosign verify in production, by digest', async () => {
    for (const image of [plain, index]) await verify(stage, story, image)
  })
  await check('g7-gate the same image is pulled and runs once it is signed', async () => {
    await runsEverywhere(story, plain)
    await runsEverywhere(story, { ...plain, commit: 'unsigned-plain' })
  })
  await check('without a pinned key the signer is not said to be verified', async () => {
    match(await why(stage, story, plain.commit), /may be pulled\n {2}note {5}signature present, signer not verified/)
  })
  await check('without a pinned key a signed index covers nothing, and what is printed says so', async () => {
    await refusedEverywhere(
      stage,
      story,
      index.commit,
      /An index that lists it is signed, which counts only with a pinned key/,
    )
  })
}

/** The guide's fourth validation. */
async function verify(
  { note }: Stage,
  { setting, promoter }: Story,
  { digest }: Published,
  env = promoter,
): Promise<void> {
  const [validation] = guideCommands('# 4. Verify', '# 5.', ['cosign'])
  const said = await setting.run(validation, { ...env, DIGEST: digest })
  note(said)
  match(said, /The signatures were verified against the specified public key/)
  ok(said.includes(digest))
}

/** `SHA256:` and the beginning of the fingerprint of a public key in a file of the pipeline. */
function fingerprintOf({ setting }: Story, file: string): string {
  const key = createPublicKey(readFileSync(join(setting.work, file)))
  return `SHA256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)}`
}

async function pinned(stage: Stage, story: Story, index: Published): Promise<void> {
  const { check, note } = stage
  const { server, work } = story.setting
  await check('breakwater trust add with the exported public key', async () => {
    const args = ['trust', 'add', 'harbor-cosign', '--key', join(work, 'cosign.pub'), '--project', 'production']
    const said = await breakwater(server, args)
    note(said)
    ok(said.includes(fingerprintOf(story, 'cosign.pub')))
  })
  await check('the signed index is pulled and runs with the key pinned', async () => {
    await runsEverywhere(story, index)
    const signed = `Signed by harbor-cosign (${fingerprintOf(story, 'cosign.pub')})`
    const said = await why(stage, story, index.commit)
    ok(said.includes(`${signed}.`) && said.includes(`${signed}, who signed an index that lists it.`))
  })
}

async function otherSigners(stage: Stage, story: Story): Promise<void> {
  const { check, note } = stage
  const { setting, promoter } = story
  const wanted = `wanted: harbor-cosign \\(${fingerprintOf(story, 'cosign.pub')}\\)`
  const image = await publish(stage, story, 'current')
  const tagged = { ...promoter, GITHUB_SHA: image.commit }
  const sign = (env: Environment) =>
    setting.run('cosign sign --yes --key "$COSIGN_KEY" harbor.example.com/production/payments-api@$DIGEST', {
      ...env,
      DIGEST: image.digest,
    })
  await check('an unsigned image is refused, and the key that is wanted is named', async () => {
    await promoteUnsigned(story, image, 'unsigned')
    await refusedEverywhere(stage, story, 'unsigned', new RegExp(`It has no signature; ${wanted}`))
  })
  const other = { ...tagged, COSIGN_KEY: 'hashivault://somebody-else' }
  await check('a signature by another key does not come along', async () => {
    await setting.run('mkdir other && cd other\ncosign generate-key-pair --kms "$COSIGN_KEY"', other)
    await setting.run(guideScript(promotion.step, promotion.until), other)
    await refusedEverywhere(stage, story, image.commit, new RegExp(`It has no signature; ${wanted}`))
  })
  await check('a signature by another key in production itself does not count', async () => {
    await sign(other)
    await refusedEverywhere(stage, story, image.commit, new RegExp(`Its signatures are by somebody else.*; ${wanted}`))
  })
  await check('breakwater why names who is wanted and who was found', async () => {
    const said = await why(stage, story, image.commit)
    match(said, new RegExp(wanted))
    // A signature in cosign 2's form does not say by whom it is.
    if (story.cosign.program === 'cosign3') {
      ok(said.includes(`who claims to have the key ${fingerprintOf(story, 'other/cosign.pub')};`))
    } else {
      match(said, /by somebody else;/)
    }
  })
  await check('a reader is not shown a signature that does not count', async () => {
    const reader = await createRobot(setting.server, 'verifier', ['production'], ['pull'])
    const env = { ...(await loggedIn(setting, 'verifier', reader)), DIGEST: image.digest }
    const command = 'cosign verify --key other/cosign.pub harbor.example.com/production/payments-api@$DIGEST'
    const { status, text } = await setting.attempt(command, env)
    note(text)
    strictEqual(status === 0, false)
    doesNotMatch(text, /were verified/)
  })
  await check('a robot signs in the gated repository itself', async () => {
    const publisher = await createRobot(setting.server, 'publisher', ['production'], ['pull', 'push'])
    await sign({ ...(await loggedIn(setting, 'publisher', publisher)), COSIGN_KEY })
    await runsEverywhere(story, image)
    await verify(stage, story, image)
  })
}
