import type { Digest } from '@breakwater/oci'
import { fixtureKey } from '@breakwater/signing/fixture'
import { callApi, makeProject } from '../../bench/lib/api.ts'
import { type Breakwater, startBeside, startBreakwater } from '../../bench/lib/breakwater.ts'
import { send, type Target } from '../../bench/lib/http-client.ts'
import { acceptManifests } from '../../bench/lib/registry-client.ts'
import { inParallel, pushSignedImages } from '../../bench/lib/signed-images.ts'
import { cpuMilliseconds } from '../../bench/lib/usage.ts'
import { type Figures, type Scenario, scaled } from './scenario.ts'

const project = 'signed'
const repository = `${project}/app`
const pullers = 16
/** Artifacts that are asked for at both processes before anything else, as soon as a change is answered. */
const sampled = 100

/** Every second artifact is signed with the one key, the others with the other. */
type Signer = 'first' | 'second'

interface Signed {
  readonly digest: Digest
  readonly signer: Signer
}

interface Stage {
  readonly system: Breakwater
  readonly processes: readonly Target[]
  readonly signed: readonly Signed[]
  /** CPU of both processes and the database so far, in ms. */
  readonly cpu: () => number
}

/** Pulls as nobody in particular, who gets nothing for signing, and holds each answer against who has to be trusted. */
async function requireVerdicts(
  { processes, signed }: Stage,
  trusted: readonly Signer[],
  { everywhere }: { readonly everywhere: boolean },
): Promise<void> {
  const asked = everywhere ? signed.slice(0, sampled) : signed
  await inParallel(asked, pullers, async ({ digest, signer }, index) => {
    const expected = trusted.includes(signer) ? 200 : 403
    for (const target of everywhere ? processes : processes.filter((_, at) => at === index % processes.length)) {
      const path = `/v2/${repository}/manifests/${digest}`
      const { status, body } = await send(target, { method: 'GET', path, headers: await anonymous(target) })
      if (status === expected && (status === 200 || /not signed by cosign/.test(body.toString()))) continue
      throw new Error(`${digest} of the ${signer} key: ${status} ${body.toString('utf8', 0, 300)}`)
    }
  })
}

const tokens = new Map<string, { readonly header: string; readonly madeAt: number }>()
const renewAfterMs = 5 * 60_000

async function anonymous(target: Target): Promise<Readonly<Record<string, string>>> {
  let known = tokens.get(target.origin)
  if (!known || Date.now() - known.madeAt > renewAfterMs) {
    const path = `/service/token?service=harbor-registry&scope=${encodeURIComponent(`repository:${repository}:pull`)}`
    const { status, body } = await send(target, { method: 'GET', path })
    if (status !== 200) throw new Error(`no token: ${status} ${body.toString()}`)
    known = { header: `Bearer ${(JSON.parse(body.toString()) as { token: string }).token}`, madeAt: Date.now() }
    tokens.set(target.origin, known)
  }
  return { accept: acceptManifests, authorization: known.header }
}

/** A change of the keys, a sample asked for at both processes at once, then all of them. */
async function after(stage: Stage, name: string, trusted: readonly Signer[], change: () => Promise<unknown>) {
  const begun = performance.now()
  const cpu = stage.cpu()
  const seconds = (): number => Number(((performance.now() - begun) / 1000).toFixed(1))
  await change()
  const answered = seconds()
  await requireVerdicts(stage, trusted, { everywhere: true })
  const sample = seconds()
  await requireVerdicts(stage, trusted, { everywhere: false })
  return {
    [`${name}: answered after s`]: answered,
    [`${name}: ${sampled} asked at both processes, right after s`]: sample,
    [`${name}: all right after s`]: seconds(),
    [`${name}: CPU s`]: Number(((stage.cpu() - cpu) / 1000).toFixed(1)),
  }
}

async function run(scale: number): Promise<Figures> {
  const keys = { first: fixtureKey('p256'), second: fixtureKey('p256') }
  await using system = await startBreakwater()
  await makeProject(system, project)
  for (const name of ['public', 'enable_content_trust_cosign']) {
    const path = `/api/v2.0/projects/${project}/metadatas/${name}`
    await callApi(system, 'PUT', path, { body: { [name]: 'true' } })
  }
  await using beside = await startBeside(system)
  const count = scaled(10_000, scale)
  const begun = performance.now()
  const digests = await pushSignedImages(system, repository, count, [keys.first, keys.second])
  const signed = digests.map((digest, index): Signed => ({ digest, signer: index % 2 === 0 ? 'first' : 'second' }))
  const pushed = Number(((performance.now() - begun) / 1000).toFixed(1))
  const cpu = () => cpuMilliseconds(system) + cpuMilliseconds(beside)
  const stage: Stage = { system, processes: [system, beside], signed, cpu }
  const trust = `/api/breakwater/v1/projects/${project}/trust`
  const add = (name: Signer) => () => callApi(system, 'POST', trust, { body: { name, key: keys[name].pem } })
  const remove = () => callApi(system, 'DELETE', `${trust}/first`, { expect: [200, 204] })
  return {
    artifacts: count,
    'pushed and signed in s': pushed,
    ...(await after(stage, 'first key', ['first'], add('first'))),
    ...(await after(stage, 'second key added', ['first', 'second'], add('second'))),
    ...(await after(stage, 'first key removed', ['second'], remove)),
  }
}

/** Whether every verdict follows the keys, at two processes, and what that costs. */
export const signatureRejudge: Scenario = {
  name: 'signature-rejudge',
  about: '10,000 signed artifacts judged anew after keys are added and removed, at two processes',
  run,
}
