import { cosignTagManifest, fixtureKey, simpleSigning } from '@breakwater/signing/fixture'
import { beforeAll, describe, expect, it } from 'vitest'
import { tokenFor } from '../accounts.ts'
import { pushImage } from '../content.ts'
import { setMetadata, told } from '../gate/stage.ts'
import { caller } from '../harbor-api/call.ts'
import { createRobot, grant } from '../harbor-api/robot.ts'
import { sharedRegistry } from '../registry.ts'
import { attach, pin, signedProject } from './stage.ts'

/** gate.md G2: `repository:verify`, as an admission controller holds it. */
const registry = sharedRegistry()
const call = caller(registry)
const key = fixtureKey('p256')
const repository = 'checked/app'
const scope = `repository:${repository}:pull`
const tokens = new Map<string, string>()

const robots = {
  'a robot of the project': (name: string) =>
    createRobot(call, name, [grant('checked', 'repository:pull', 'repository:verify')], { level: 'project' }),
  'a robot of the system, for this project': (name: string) =>
    createRobot(call, name, [grant('checked', 'repository:pull', 'repository:verify')]),
  'a robot of the system, for every project': (name: string) =>
    createRobot(call, name, [grant('*', 'repository:pull', 'repository:verify')]),
  'a robot that may pull': (name: string) => createRobot(call, name, [grant('checked', 'repository:pull')]),
  'a robot that may verify elsewhere': (name: string) =>
    createRobot(call, name, [grant('checked', 'repository:pull'), grant('elsewhere', 'repository:verify')]),
} as const

beforeAll(async () => {
  for (const project of ['checked', 'elsewhere']) await signedProject(registry(), project)
  await pin(registry(), 'checked', 'release', key)
  for (const [n, [title, make]] of Object.entries(robots).entries()) {
    tokens.set(title, await tokenFor(registry(), (await make(`robot${n}`)).auth, scope))
  }
})

const ask = (method: string, path: string, title: string) =>
  registry().ask(method, `/v2/${repository}/${path}`, { auth: tokens.get(title) })
const reads = (digest: string) =>
  registry().query<{ actor: string }>(
    `select actor from ledger where action = 'manifest.read-to-verify' and object = $1`,
    [`${repository}@${digest}`],
  )

describe.each(Object.keys(robots).slice(0, 3))('%s', (title) => {
  it('reads the manifest of what only lacks a signature, and nothing that runs', async () => {
    const one = await pushImage(registry(), repository)
    expect((await ask('HEAD', `manifests/${one.digest}`, title)).status).toBe(200)
    const answer = await ask('GET', `manifests/${one.digest}`, title)
    expect([answer.status, answer.bytes]).toEqual([200, one.bytes])
    for (const blob of [one.config, ...one.layers]) {
      expect(told(await ask('GET', `blobs/${blob.digest}`, title))).toMatchObject({ status: 403, code: 'DENIED' })
    }
    expect(await reads(one.digest)).toHaveLength(2)
  })
})

describe.each(Object.keys(robots).slice(3))('%s', (title) => {
  it('reads nothing that lacks a signature', async () => {
    const one = await pushImage(registry(), repository)
    expect((await ask('HEAD', `manifests/${one.digest}`, title)).status).toBe(403)
    expect(told(await ask('GET', `manifests/${one.digest}`, title))).toMatchObject({ status: 403, code: 'DENIED' })
    expect(await reads(one.digest)).toEqual([])
  })
})

describe('the right to verify', () => {
  const [title] = Object.keys(robots)

  it('is not asked for what is signed', async () => {
    const { digest } = await pushImage(registry(), repository)
    await attach(registry(), repository, cosignTagManifest(digest, [simpleSigning({ digest, key })]))
    expect((await ask('GET', `manifests/${digest}`, title ?? '')).status).toBe(200)
    expect(await reads(digest)).toEqual([])
  })

  it('is no right to push, nor to pull by itself', async () => {
    const { digest } = await pushImage(registry(), repository)
    const put = await registry().ask('POST', `/v2/${repository}/blobs/uploads/`, { auth: tokens.get(title ?? '') })
    expect(put.status).toBe(403)
    const { auth } = await createRobot(call, 'only', [grant('checked', 'repository:verify')])
    const token = await tokenFor(registry(), auth, scope)
    expect((await registry().ask('GET', `/v2/${repository}/manifests/${digest}`, { auth: token })).status).toBe(403)
  })

  it('is none past a vulnerability scan', async () => {
    const { digest } = await pushImage(registry(), repository)
    await setMetadata(registry(), 'checked', { prevent_vul: 'true', severity: 'low' })
    // No database: nothing can be said of what is in it.
    expect((await ask('GET', `manifests/${digest}`, title ?? '')).status).toBe(403)
    await setMetadata(registry(), 'checked', { prevent_vul: 'false' })
  })
})
