import { match, ok, strictEqual } from 'node:assert/strict'
import { createHash, createPublicKey, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../docker/engine.ts'
import { writeGatedContext } from '../gate/vulnerable-image.ts'
import { untilScanned } from '../support/artifacts.ts'
import { breakwater } from '../support/breakwater-command.ts'
import type { Stage } from '../support/scenario.ts'
import { guideCommands, guideScript } from './commands.ts'
import type { Cosign } from './cosign.ts'
import type { Environment, SigningSetting } from './signing-setting.ts'

const step = { name: 'Cosign sign and promote', until: 'Always sign' }

/** What the chapters share. */
export interface Story {
  readonly setting: SigningSetting
  readonly cosign: Cosign
  /** The robot of step 4, which may push to staging. */
  readonly pusher: Environment
  /** A robot that may push to staging and to production, with the pipeline's key. */
  readonly promoter: Environment
}

/** An image that was pushed to staging. */
export interface Published {
  readonly commit: string
  readonly digest: string
  /** What it prints. */
  readonly message: string
}

/** The step of the guide's workflow: signs in staging and copies to production. */
export function signAndPromote({ setting }: Story, { commit }: Published, env: Environment): Promise<string> {
  return setting.run(guideScript(step.name, step.until), { ...env, GITHUB_SHA: commit })
}

/** The end of that step alone, with a tag of one's own. */
export function copyToProduction({ setting }: Story, { digest }: Published, tag: string, env: Environment) {
  const [copy] = guideCommands(`- name: ${step.name}`, step.until, ['crane'])
  return setting.attempt(copy, { ...env, DIGEST: digest, GITHUB_SHA: tag })
}

/** Builds, and pushes to staging, as the guide does: Debian's engine makes a manifest alone, the current one an index. */
export async function publish({ folder, check }: Stage, story: Story, engine: Engine['name']): Promise<Published> {
  const { setting, pusher } = story
  const commit = randomUUID().replaceAll('-', '')
  const context = join(folder, commit)
  const { message } = writeGatedContext(context, 'fixed')
  writeFileSync(join(context, 'root', 'etc', 'commit'), commit)
  const runner = setting.runners.find((one) => one.engine === engine)
  const env = { ...pusher, DOCKER_HOST: runner?.docker.environment['DOCKER_HOST'] ?? '', GITHUB_SHA: commit }
  const [build, push] = guideCommands('5. Push', '6. Sign', ['docker'])
  let digest = ''
  await check(`g5-ci docker build and docker push, ${engine}`, async () => {
    await setting.run(build, env, context)
    match(await setting.run(push, env), /digest: sha256:[0-9a-f]{64}/)
    digest = await setting.run('crane digest harbor.example.com/staging/payments-api:$GITHUB_SHA', env)
    match(digest, /^sha256:[0-9a-f]{64}$/)
  })
  return { commit, digest, message }
}

/** Copies what nobody has signed to production, and waits for its scan. */
export async function promoteUnsigned(story: Story, image: Published, tag: string): Promise<void> {
  const { status, text } = await copyToProduction(story, image, tag, story.promoter)
  strictEqual(status, 0, text)
  await untilScanned(story.setting.server, { project: 'production', repository: 'payments-api', reference: tag })
}

/** Both engines are refused with this reason; tells what they print. */
export async function refusedEverywhere(
  { note }: Stage,
  { setting }: Story,
  tag: string,
  reason: string | RegExp,
): Promise<void> {
  for (const { engine, docker } of setting.nodes) {
    const complaint = await docker.complain('pull', `${setting.server.host}/production/payments-api:${tag}`)
    note(`${engine}: ${complaint}`)
    const told = engine === 'debian' ? 'denied: ' : 'error from registry: '
    ok(complaint.includes(`${told}The image is not signed by cosign. `), complaint)
    match(complaint, new RegExp(reason))
  }
}

/** Both engines fetch it anew, and run it. */
export async function runsEverywhere({ setting }: Story, image: Published, tag = image.commit): Promise<void> {
  const name = `${setting.server.host}/production/payments-api:${tag}`
  for (const { docker } of setting.nodes) {
    await docker.run('pull', name)
    strictEqual(await docker.run('run', '--rm', name), image.message)
    await docker.run('image', 'rm', '-f', name)
  }
}

/** What `breakwater why` says; tells the reasons and notes of it. */
export async function why({ note }: Stage, { setting }: Story, tag: string): Promise<string> {
  const said = await breakwater(setting.server, ['why', `production/payments-api:${tag}`])
  for (const line of said.split('\n')) if (/^ {2}(refused|note)/.test(line)) note(line.trim())
  return said
}

/** The guide's fourth validation. */
export async function verifies({ setting }: Story, { digest }: Published, env: Environment): Promise<void> {
  const [validation] = guideCommands('# 4. Verify', '# 5.', ['cosign'])
  const said = await setting.run(validation, { ...env, DIGEST: digest })
  match(said, /The signatures were verified against the specified public key/)
  ok(said.includes(`"docker-manifest-digest":"${digest}"`), said)
}

/** `SHA256:` and the beginning of the fingerprint of a public key in a file of the pipeline. */
export function fingerprintOf({ setting }: Story, file: string): string {
  const key = createPublicKey(readFileSync(join(setting.work, file)))
  return `SHA256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)}`
}
