import { algorithmOf, type Digest, digestOf, mediaType } from '@breakwater/oci'
import { cosignTagManifest, fixtureKey, simpleSigning } from '@breakwater/signing/fixture'
import { expect } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { type Answer, type Ask, basic } from '../client.ts'
import { blobOf, descriptor, imageManifest, indexManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import type { TestRegistry } from '../registry.ts'
import { attach, pin, signedProject } from '../signatures/stage.ts'

/** Something that answers requests: a registry, or a process that runs one. */
export interface Asked {
  ask(method: string, path: string, ask?: Ask): Promise<Answer>
}

export interface Filled {
  /** What everybody can do again after a restore. */
  readonly robot: string
  readonly user: string
}

const json = { 'content-type': 'application/json' }

/** Fills a registry with one of everything that a backup has to keep. */
export async function fillRegistry(registry: TestRegistry): Promise<Filled> {
  await createProject(registry, 'team')
  const user = await createUser(registry, 'alice')
  await addMember(registry, 'team', user, 'developer')
  const permissions = [
    {
      kind: 'project',
      namespace: 'team',
      access: ['pull', 'push'].map((action) => ({ resource: 'repository', action })),
    },
  ]
  const robot = await post(registry, '/api/v2.0/robots', { name: 'ci', level: 'project', duration: -1, permissions })
  const { name, secret } = JSON.parse(robot.text) as { name: string; secret: string }
  const children = [await pushImage(registry, 'team/app', 'one'), await pushImage(registry, 'team/app', 'two')]
  await mustPutManifest(registry, 'team/app', 'both', indexManifest(children), mediaType.ociIndex)
  await mustPutManifest(registry, 'team/app', 'latest', children[0]?.bytes ?? '')
  await pushReferrer(registry, 'team/app', children[0] ?? blobOf())
  const large = blobOf(Buffer.alloc(3 << 20, 'large'))
  const config = blobOf('{}')
  for (const blob of [config, large]) await pushBlob(registry, 'library/big/one', blob)
  await mustPutManifest(registry, 'library/big/one', '1', imageManifest(config, [large]))
  await pushSigned(registry)
  return { robot: basic(name, secret), user: user.auth }
}

/** A project that lets only signed images out, with one that is and one that is not. */
async function pushSigned(registry: TestRegistry): Promise<void> {
  const key = fixtureKey('p256')
  await signedProject(registry, 'signed', true)
  await pin(registry, 'signed', 'release', key)
  const { digest } = await pushImage(registry, 'signed/app', 'good')
  await pushImage(registry, 'signed/app', 'bad')
  await attach(registry, 'signed/app', cosignTagManifest(digest, [simpleSigning({ digest, key })]))
}

async function pushReferrer(registry: TestRegistry, repository: string, subject: { digest: Digest; bytes: Buffer }) {
  const [config, payload] = [blobOf('{}'), blobOf(`signed ${subject.digest}`)]
  for (const blob of [config, payload]) await pushBlob(registry, repository, blob)
  const extra = {
    subject: descriptor(mediaType.ociManifest, subject),
    artifactType: 'application/vnd.example.signature',
  }
  const text = imageManifest(config, [payload], extra)
  await mustPutManifest(registry, repository, digestOf(Buffer.from(text)), text)
}

async function post(registry: Asked, path: string, body: object): Promise<Answer> {
  const answer = await registry.ask('POST', path, { headers: json, body: JSON.stringify(body) })
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`)
  return answer
}

/** Everything that the database names, as `repository@digest` of manifests and blobs, and `repository:tag` with its digest. */
export interface Names {
  readonly manifests: readonly string[]
  readonly blobs: readonly string[]
  readonly tags: Readonly<Record<string, string>>
}

const place = `p.name || '/' || r.name`
const digestText = (column: string) =>
  `case length(${column}) when 32 then 'sha256:' else 'sha512:' end || encode(${column}, 'hex')`

export async function namesOf(query: TestRegistry['query']): Promise<Names> {
  const named = (table: string) =>
    query<{ name: string }>(
      `select ${place} || '@' || ${digestText('t.digest')} as name from ${table} t
       join repository r on r.id = t.repository_id join project p on p.id = r.project_id order by 1`,
    )
  const tags = await query<{ name: string; digest: string }>(
    `select ${place} || ':' || t.name as name, ${digestText('t.digest')} as digest from tag t
     join repository r on r.id = t.repository_id join project p on p.id = r.project_id order by 1`,
  )
  return {
    manifests: (await named('repository_manifest')).map(({ name }) => name),
    blobs: (await named('repository_blob')).map(({ name }) => name),
    tags: Object.fromEntries(tags.map(({ name, digest }) => [name, digest])),
  }
}

/** Pulls everything that is named, and compares each digest. What a gate refuses is told by its status. */
export async function pullEverything(
  registry: Asked,
  { manifests, blobs, tags }: Names,
): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {}
  for (const [kind, names] of [
    ['manifests', manifests],
    ['blobs', blobs],
  ] as const) {
    for (const name of names) {
      const [repository, digest = ''] = name.split('@')
      const answer = await registry.ask('GET', `/v2/${repository}/${kind}/${digest}`)
      statuses[name] = answer.status
      if (answer.status === 200) expect(digestOf(answer.bytes, algorithmOf(digest as Digest))).toBe(digest)
    }
  }
  for (const [name, digest] of Object.entries(tags)) {
    const at = name.lastIndexOf(':')
    const answer = await registry.ask('HEAD', `/v2/${name.slice(0, at)}/manifests/${name.slice(at + 1)}`)
    statuses[name] = answer.status
    if (answer.status === 200) expect(answer.headers['docker-content-digest']).toBe(digest)
  }
  return statuses
}

/** What nobody may pull, by design of fillRegistry: the unsigned image of a project that wants signatures. */
export function refusedOf(statuses: Readonly<Record<string, number>>): string[] {
  return Object.keys(statuses).filter((name) => statuses[name] !== 200)
}
