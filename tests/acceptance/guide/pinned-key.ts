import { match, notStrictEqual, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { createRobot } from '../support/accounts.ts'
import { breakwater } from '../support/breakwater-command.ts'
import type { Stage } from '../support/scenario.ts'
import { type Environment, loggedIn } from './signing-setting.ts'
import {
  fingerprintOf,
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

/** The pipeline's key is pinned in production: `index`, which it has signed, counts. */
export async function pinKey(stage: Stage, story: Story, index: Published): Promise<void> {
  const { check, note } = stage
  const { server, work } = story.setting
  const key = fingerprintOf(story, 'cosign.pub')
  await check('breakwater trust add with the exported public key', async () => {
    const args = ['trust', 'add', 'harbor-cosign', '--key', join(work, 'cosign.pub'), '--project', 'production']
    const said = await breakwater(server, args)
    note(said)
    ok(said.includes(key), said)
  })
  await check('the signed index is pulled and runs with the key pinned', async () => {
    await runsEverywhere(story, index)
    const said = await why(stage, story, index.commit)
    for (const rest of ['.', ', who signed an index that lists it.']) {
      ok(said.includes(`Signed by harbor-cosign (${key})${rest}`), said)
    }
  })
}

/** What comes unsigned, signed by another key, and signed where it is refused. */
export async function otherSigners(stage: Stage, story: Story): Promise<void> {
  const { check, note } = stage
  const { setting, promoter } = story
  const wanted = `wanted: harbor-cosign \\(${fingerprintOf(story, 'cosign.pub')}\\)`
  const other = { ...promoter, COSIGN_KEY: 'hashivault://somebody-else' }
  const image = await publish(stage, story, 'current')
  const DIGEST = image.digest
  const production = 'harbor.example.com/production/payments-api@$DIGEST'
  const sign = (env: Environment) =>
    setting.run(`cosign sign --yes --key "$COSIGN_KEY" ${production}`, { ...env, DIGEST })

  await check('an unsigned image is refused, and the key that is wanted is named', async () => {
    await promoteUnsigned(story, image, 'unsigned')
    await refusedEverywhere(stage, story, 'unsigned', `It has no signature; ${wanted}`)
  })
  await check('a signature by another key does not come along', async () => {
    await setting.run('mkdir other; cd other\ncosign generate-key-pair --kms "$COSIGN_KEY"', other)
    await signAndPromote(story, image, other)
    await refusedEverywhere(stage, story, image.commit, `It has no signature; ${wanted}`)
  })
  await check('a signature by another key in production itself does not count', async () => {
    await sign(other)
    await refusedEverywhere(stage, story, image.commit, `Its signatures are by somebody else.*; ${wanted}`)
  })
  await check('breakwater why names who is wanted and, where the signature says it, who was found', async () => {
    const said = await why(stage, story, image.commit)
    const claim = `, who claims to have the key ${fingerprintOf(story, 'other/cosign.pub')}`
    match(said, new RegExp(`by somebody else${story.cosign.namesKey ? claim : ''}; ${wanted}`))
  })
  await check('a reader is not shown a signature that does not count', async () => {
    const reader = await createRobot(setting.server, 'verifier', ['production'], ['pull'])
    const env = { ...(await loggedIn(setting, 'verifier', reader)), DIGEST }
    const { status, text } = await setting.attempt(`cosign verify --key other/cosign.pub ${production}`, env)
    note(text.trim())
    notStrictEqual(status, 0)
    match(text, /no signatures found/)
  })
  await check('g6-cosign a robot signs in the gated repository itself', async () => {
    const publisher = await createRobot(setting.server, 'publisher', ['production'], ['pull', 'push'])
    const { COSIGN_KEY } = promoter
    await sign({ ...(await loggedIn(setting, 'publisher', publisher)), ...(COSIGN_KEY && { COSIGN_KEY }) })
    await runsEverywhere(story, image)
  })
  await check('v4 cosign verify of it', () => verifies(story, image, promoter))
}
