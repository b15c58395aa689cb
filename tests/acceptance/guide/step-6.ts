import { deepStrictEqual, match, notStrictEqual, strictEqual } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { engines } from '../docker/engine.ts'
import { shell } from '../gate/vulnerable-image.ts'
import { createRobot } from '../support/accounts.ts'
import { send } from '../support/http.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { vaultTools } from '../support/vault.ts'
import { databaseMissing } from '../support/vulnerability-database.ts'
import { guideCommands } from './commands.ts'
import type { Cosign } from './cosign.ts'
import { createCurl } from './curl.ts'
import { otherSigners, pinKey } from './pinned-key.ts'
import { loggedIn, openSigningSetting } from './signing-setting.ts'
import {
  copyToProduction,
  type Published,
  promoteUnsigned,
  publish,
  refusedEverywhere,
  runsEverywhere,
  type Story,
  signAndPromote,
  verifies,
  why,
} from './signing-story.ts'

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
      const plain = await publish(stage, story, 'debian')
      const index = await publish(stage, story, 'current')
      await refuseUnsigned(stage, story, plain, index)
      await signBoth(stage, story, plain, index)
      await pullSigned(stage, story, plain, index)
      await pinKey(stage, story, index)
      await otherSigners(stage, story)
    },
  }
}

/** Step 4, by the calls that are printed there, and the login of step 5. */
async function begin(stage: Stage, cosign: Cosign): Promise<Story> {
  const { folder, check, note } = stage
  const calls = guideCommands('4. Create', '5. Push')
  let secret = ''
  const setting = await openSigningSetting(stage, cosign, async (server) => {
    const curl = createCurl(server, folder)
    await check('g4-projects, g4-robot production, its gate and the robot are made', async () => {
      const answers: Awaited<ReturnType<typeof curl>>[] = []
      for (const call of calls) answers.push(await curl(call))
      deepStrictEqual(
        answers.map(({ status }) => status),
        ['201', '200', '200', '200', '201'],
      )
      secret = JSON.parse(answers.at(-1)?.body ?? '').secret
    })
  })
  const { server, run } = setting
  note(`harbor.example.com is ${server.host}; VAULT_ADDR and VAULT_TOKEN are those of bao`)
  note(`cosign is ${cosign.program} (${cosign.version})`)
  note(`added to cosign sign: ${cosign.signOffline.join(' ')}; to cosign verify: ${cosign.verifyOffline.join(' ')}`)
  const pusher = { ...setting.runners[0]?.docker.environment, ROBOT_SECRET: secret }
  await check('g5-ci docker login … --password-stdin', async () => {
    const [login] = guideCommands('5. Push', '6. Sign', ['echo'])
    match(await run(login, pusher), /Login Succeeded/)
  })
  const account = await createRobot(server, 'promoter', ['staging', 'production'], ['pull', 'push'])
  const promoter = { ...(await loggedIn(setting, 'promoter', account)), COSIGN_KEY: 'hashivault://harbor-cosign' }
  return { setting, cosign, pusher, promoter }
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

async function refuseUnsigned(stage: Stage, story: Story, plain: Published, index: Published): Promise<void> {
  const { folder, check, note } = stage
  const { server, nodes } = story.setting
  note("step 7's call comes before the signature, to show what it refuses")
  await check('g7-gate PUT enable_content_trust_cosign=true', async () => {
    const [call] = guideCommands('7. Enforce', 'At admission')
    deepStrictEqual(await createCurl(server, folder)(call), { body: '', status: '200' })
    const { body } = await send(`${server.url}/api/v2.0/projects/production`, { account: server.admin })
    strictEqual(JSON.parse(body).metadata.enable_content_trust_cosign, 'true')
  })
  for (const [tag, image] of Object.entries({ 'unsigned-plain': plain, 'unsigned-index': index })) {
    await check(`g7-gate docker pull is refused before it is signed, ${tag}`, async () => {
      await promoteUnsigned(story, image, tag)
      await refusedEverywhere(stage, story, tag, 'It has no signature\\.')
    })
  }
  await check('g7-gate nobody is exempt, not even the administrator who may push', async () => {
    for (const { docker } of nodes) {
      const admin = docker.as('admin')
      await admin.login(server.host, server.admin)
      const complaint = await admin.complain('pull', `${server.host}/production/payments-api:unsigned-plain`)
      note(complaint)
      match(complaint, /The image is not signed by cosign\. It has no signature\./)
    }
  })
  await check('breakwater why names what is missing', async () => {
    match(
      await why(stage, story, 'unsigned-plain'),
      /REFUSED\n {2}refused {2}The image is not signed by cosign\. It has no/,
    )
  })
}

async function signBoth({ check, note }: Stage, story: Story, plain: Published, index: Published): Promise<void> {
  const { pusher, promoter } = story
  await check('g4-robot the robot of step 4 may not promote, so one of its own does', async () => {
    const { status, text } = await copyToProduction(story, plain, plain.commit, pusher)
    note(text.trim().split('\n').at(-1) ?? '')
    notStrictEqual(status, 0)
    match(text, /DENIED: robot/)
  })
  for (const [name, image] of Object.entries({ plain, index })) {
    await check(`g6-cosign cosign sign in staging and crane copy to production, ${name}`, async () => {
      match(await signAndPromote(story, image, promoter), /Pushing signature to: .*\/staging\/payments-api/)
    })
    await check(`v4 cosign verify in production, by digest, ${name}`, () => verifies(story, image, promoter))
  }
}

/** With nobody pinned, a signature has to be there, and no more is known of it. */
async function pullSigned(stage: Stage, story: Story, plain: Published, index: Published): Promise<void> {
  const { check } = stage
  await check('g7-gate it is pulled and runs once it is signed, by either tag', async () => {
    for (const tag of [plain.commit, 'unsigned-plain']) await runsEverywhere(story, plain, tag)
  })
  await check('without a pinned key the signer is not said to be verified', async () => {
    match(await why(stage, story, plain.commit), /may be pulled\n {2}note {5}signature present, signer not verified/)
  })
  await check('without a pinned key a signed index covers nothing that it lists, and this is said', async () => {
    await refusedEverywhere(
      stage,
      story,
      index.commit,
      'An index that lists it is signed, which counts only with a pinned key',
    )
  })
  const image = await publish(stage, story, 'current')
  await check('without a pinned key cosign sign --recursive makes what an index lists pass, too', async () => {
    const { setting, promoter } = story
    const staging = 'harbor.example.com/staging/payments-api@$DIGEST'
    const sign = `cosign sign --recursive --yes --key "$COSIGN_KEY" ${staging}`
    await setting.run(sign, { ...promoter, DIGEST: image.digest })
    const { status, text } = await copyToProduction(story, image, image.commit, promoter)
    strictEqual(status, 0, text)
    await runsEverywhere(story, image)
  })
}
