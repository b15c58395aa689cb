import { setTimeout as sleep } from 'node:timers/promises'
import type { Digest } from '@breakwater/oci'
import type { Pushes } from '../../../server/test/content.ts'
import { addMember, createProject, createUser } from '../support/accounts.ts'
import type { Breakwater } from '../support/breakwater.ts'
import { send } from '../support/http.ts'
import type { Cell, Expected } from './cases.ts'
import { changes, type Written } from './changes.ts'
import { type Asked, type Cosign, createCosign } from './cosign.ts'
import { as, type Image, push } from './registry.ts'
import { keys, nameOf } from './workshop.ts'

/** A registry with projects that demand signatures by the pinned key, and those who use it. */
export interface Setting {
  readonly server: Breakwater
  /** Someone who may push, and one who may not. */
  readonly pusher: Pushes
  readonly reader: Pushes
  /** As the one who may push, and as the reader. */
  readonly cosign: Cosign
  readonly readersCosign: Cosign
}

/** A project without a gate. */
export const workshop = 'workshop'
const dayMs = 86_400_000

/** Projects differ in how long the key holds; `ended` is a project for each of these repositories. */
function projectOf({ layout, change }: Cell): string {
  if (change === 'signed before its valid-until') return `ended-${nameOf(layout)}`
  return change === 'key past its valid-until' ? 'expired' : 'signed'
}

export function repositoryOf(cell: Cell): string {
  return `${projectOf(cell)}/${nameOf(cell.layout)}-${nameOf(cell.change)}`
}

/** Makes the projects of these cells, the keys and the accounts. */
export async function prepare(server: Breakwater, folder: string, cells: readonly Cell[]): Promise<Setting> {
  const cosign = createCosign(folder, server.host, server.admin)
  const key = await cosign.makeKey(keys.pinned)
  await cosign.makeKey(keys.foreign)
  const reader = await createUser(server, 'reader')
  await createProject(server, workshop)
  for (const project of new Set(cells.map(projectOf))) {
    await createProject(server, project)
    await addMember(server, project, reader, 'guest')
    const gate = { enable_content_trust_cosign: 'true' }
    await call(server, 'PUT', `/api/v2.0/projects/${project}/metadatas/enable_content_trust_cosign`, gate)
    const past = project === 'expired' && { valid_until: new Date(Date.now() - dayMs).toISOString() }
    await call(server, 'POST', `/api/breakwater/v1/projects/${project}/trust`, { name: keys.pinned, key, ...past })
  }
  const readersCosign = createCosign(folder, server.host, reader)
  return { server, pusher: as(server, server.admin), reader: as(server, reader), cosign, readersCosign }
}

/** What was seen of a cell. */
export interface Judged {
  /** `allow`, the codes of the refusal, or an answer that is neither. */
  readonly pull: string
  readonly found: readonly string[]
  readonly tooMany: number
  readonly verify: Asked
  readonly verifyAsReader?: Asked
  readonly verifyAttestation?: Asked
}

/** Pushes what a cell is about to an image that is there already, and asks everybody. */
export async function judge(setting: Setting, cell: Cell, expected: Expected, written: Written): Promise<Judged> {
  const { server, cosign, readersCosign } = setting
  const repository = repositoryOf(cell)
  const tooMany = await attach(setting, cell, written)
  if (cell.change === 'signed before its valid-until') await endKey(server, projectOf(cell))
  const image = `${server.host}/${repository}@${written.image.digest}`
  return {
    pull: await pull(setting, repository, written.image),
    found: await found(setting, repository, written.image),
    tooMany,
    verify: await cosign.verify(cell.layout, keys.pinned, image),
    ...(expected.verifyAsReader && {
      verifyAsReader: await readersCosign.verify(cell.layout, keys.pinned, image),
    }),
    ...(expected.verifyAttestation && { verifyAttestation: await cosign.verifyAttestation(keys.pinned, image) }),
  }
}

/** How many pushes were too many. What is good is signed in its place, by cosign itself (gate.md G2). */
async function attach(setting: Setting, cell: Cell, written: Written): Promise<number> {
  const { server, pusher, cosign } = setting
  const { layout, change } = cell
  const repository = repositoryOf(cell)
  if (change === 'good') {
    await cosign.sign(layout, keys.pinned, `${server.host}/${repository}@${written.image.digest}`)
    return 0
  }
  const present = new Set<Digest>()
  let tooMany = 0
  for (const attached of changes[change](written)) {
    const { status, text } = await push(pusher, repository, attached, present)
    if (status === 429) tooMany += 1
    else if (status !== 201) throw new Error(`pushing it was answered with ${status}: ${text}`)
  }
  return tooMany
}

async function endKey(server: Breakwater, project: string): Promise<void> {
  const end = new Date()
  await call(server, 'PUT', `/api/breakwater/v1/projects/${project}/trust/${keys.pinned}`, {
    valid_until: end.toISOString(),
  })
  while (Date.now() <= end.getTime()) await sleep(1)
}

async function pull({ reader }: Setting, repository: string, { digest }: Image): Promise<string> {
  const { status, text } = await reader.ask('GET', `/v2/${repository}/manifests/${digest}`)
  if (status === 200) return 'allow'
  const { errors } = JSON.parse(text) as { errors: { code: string; detail?: { reasons?: { code: string }[] } }[] }
  const [error] = errors
  if (status !== 403 || error?.code !== 'DENIED') return `${status} ${text}`
  return (error.detail?.reasons ?? []).map(({ code }) => code).join(', ')
}

interface Found {
  readonly kind: string
  readonly results: readonly { readonly key: string; readonly code: string }[]
}

async function found({ pusher }: Setting, repository: string, { digest }: Image): Promise<readonly string[]> {
  const path = `/api/breakwater/v1/verdict?repository=${repository}&reference=${digest}`
  const { status, text } = await pusher.ask('GET', path)
  if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${text}`)
  const { signatures } = JSON.parse(text) as { signatures: readonly Found[] }
  const said = signatures.map(({ kind, results }) => `${kind} ${results.map(({ code }) => code).join(', ')}`)
  return [...new Set(said)].toSorted()
}

async function call({ url, admin }: Breakwater, method: string, path: string, body: object): Promise<void> {
  const reply = await send(`${url}${path}`, { method, account: admin, body })
  if (reply.status >= 300) throw new Error(`${method} ${path} was answered with ${reply.status}: ${reply.body}`)
}
