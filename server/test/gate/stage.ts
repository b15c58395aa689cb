import { randomBytes } from 'node:crypto'
import { type Digest, digestToBytes } from '@breakwater/oci'
import { createProject } from '../accounts.ts'
import type { Answer } from '../client.ts'
import { type Image, pushImage } from '../content.ts'
import { caller } from '../harbor-api/call.ts'
import type { TestRegistry } from '../registry.ts'
import { scanOf } from '../scanning/scan.ts'

export interface WrittenFinding {
  readonly id: string
  /** 0 unknown … 4 critical. */
  readonly severity: number
  readonly fixedVersion?: string
}

export const critical: WrittenFinding = { id: 'CVE-2026-4', severity: 4, fixedVersion: '2' }
export const high: WrittenFinding = { id: 'CVE-2026-3', severity: 3, fixedVersion: '2' }
export const low: WrittenFinding = { id: 'CVE-2026-1', severity: 1, fixedVersion: '2' }

/** A project whose gate refuses from `high` on, as the guide switches it on. */
export async function gatedProject(registry: TestRegistry, name: string, isPublic = false): Promise<number> {
  const id = await createProject(registry, name, isPublic)
  await setMetadata(registry, name, { prevent_vul: 'true', severity: 'high' })
  return id
}

export async function setMetadata(
  registry: TestRegistry,
  project: string,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const call = caller(() => registry)
  for (const [key, value] of Object.entries(metadata)) {
    const answer = await call('PUT', `/projects/${project}/metadatas/${key}`, { json: { [key]: value } })
    if (answer.status !== 200) throw new Error(`${key}: ${answer.status} ${answer.text}`)
  }
}

/** An image whose scan has ended with these findings, as if a database had said so. */
export async function pushScanned(
  registry: TestRegistry,
  repository: string,
  tag: string,
  findings: readonly WrittenFinding[] = [],
): Promise<Image> {
  const image = await pushImage(registry, repository, tag)
  await writeScan(registry, image.digest, findings)
  return image
}

/** Writes down the end of a scan; waits for the one that the push has begun. */
export async function writeScan(
  registry: TestRegistry,
  digest: Digest,
  findings: readonly WrittenFinding[] = [],
  { state = 'success', class: of = 'image' }: { state?: string; class?: string } = {},
): Promise<void> {
  await scanOf(registry, digest)
  const [question] = await registry.query<{ id: number }>(
    'insert into package_question (key, question) values ($1, $2) returning id::int',
    [randomBytes(32), { bucket: 'debian 12', name: 'openssl', version: '1', rule: 'debian', arch: '' }],
  )
  await answerQuestion(registry, question?.id ?? 0, findings)
  const inventory = {
    os: { family: 'debian', name: '12.5' },
    packages: [{ type: 'debian', name: 'openssl', version: '1' }],
    partial: [],
    notCovered: [],
  }
  await registry.query(
    `update scan set state = $2, class = $3, failure = null, inventory = $4, questions = array[$5::bigint],
       revision = revision + 1, ended_at = now() where digest = $1`,
    [digestToBytes(digest), state, of, JSON.stringify(inventory), question?.id],
  )
}

async function answerQuestion(registry: TestRegistry, question: number, findings: readonly WrittenFinding[]) {
  const matches = findings.map(({ id, severity, fixedVersion = '' }) => ({
    id,
    severity,
    fixedVersion,
    bucket: 'debian 12',
    status: fixedVersion === '' ? 'affected' : 'fixed',
    severitySource: 'debian',
    dataSource: 'debian',
    title: id,
    vendorIds: [],
  }))
  await registry.query(
    `insert into package_answer (generation, question, matches)
     select id, $1, $2 from vulndb_generation where state = 'current'`,
    [question, JSON.stringify(matches)],
  )
}

/** A vulnerability database that knows nothing but what tests write down; one that is there is retired. */
export async function writeDatabase(registry: TestRegistry, builtAt = new Date()): Promise<void> {
  await registry.query(`update vulndb_generation set state = 'retired' where state = 'current'`)
  const [made] = await registry.query<{ id: number }>(
    `insert into vulndb_generation (digest, source, built_at, state, counts)
     values ('sha256:0', 'file:/none', $1, 'current', '{"debian 12": 1}')
     returning id::int`,
    [builtAt],
  )
  const id = Number(made?.id)
  for (const table of ['package_answer', 'advisory_group', 'vulnerability']) {
    await registry.query(`create table ${table}_test_${id} partition of ${table} for values in (${id})`)
  }
}

/** Status, and code and sentence of the error where there is one. */
export function told(answer: Answer): { status: number; code?: string; message?: string } {
  const { status, text } = answer
  if (status < 400 || text === '') return { status }
  const [error] = (JSON.parse(text) as { errors: { code: string; message: string }[] }).errors
  return { status, ...(error ? { code: error.code, message: error.message } : {}) }
}

export const refusedFor = (matter: string) => ({
  status: 403,
  code: 'DENIED',
  message: `current image ${matter} cannot be pulled due to configured policy in 'Prevent images with vulnerability severity of "High" or higher from running.' To continue with pull, please contact your project administrator to exempt matched vulnerabilities through configuring the CVE allowlist.`,
})
