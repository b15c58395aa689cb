import { parseReference, parseRepositoryName, RegistryError } from '@breakwater/oci'
import { Type } from 'typebox'
import { findArtifact } from '../artifacts/index.ts'
import type { Reply } from '../http/index.ts'
import { everyProject, findRepositoryId, type Project } from '../projects/index.ts'
import { type Found, findTrust, type SignatureDeps, signaturesOf, type TrustKey } from '../signatures/index.ts'
import { type Asked, json } from './operation.ts'
import { bodyReader } from './read-body.ts'

const read = bodyReader(
  Type.Object(
    {
      /** With or without the project. */
      repository: Type.String({ minLength: 1, maxLength: 255 }),
      reference: Type.String({ minLength: 1, maxLength: 160 }),
    },
    { additionalProperties: false },
  ),
)

/** Which signatures of an artifact verify with which keys, whatever the policy demands. */
export async function testTrust(deps: SignatureDeps, { body }: Asked, project: Project): Promise<Reply> {
  const { repository, reference: text } = read(body)
  const name = repository.startsWith(`${project.name}/`) ? repository.slice(project.name.length + 1) : repository
  const reference = parseReference(text)
  if (!reference || !parseRepositoryName(`${project.name}/${name}`)) {
    throw new RegistryError('BAD_REQUEST', 'repository has to be a name, reference a tag or a digest')
  }
  const repositoryId = await findRepositoryId(deps.pool, project.id, name)
  const artifact = repositoryId && (await findArtifact(deps.pool, repositoryId, reference))
  if (!artifact) throw new RegistryError('NOT_FOUND', `artifact ${project.name}/${name} ${text} not found`)
  const { keys } = await findTrust(deps.pool, [project.id, everyProject])
  const { found } = await signaturesOf(deps, repositoryId, artifact.digest, keys)
  return json({
    repository: `${project.name}/${name}`,
    digest: artifact.digest,
    keys: keys.map(({ name: key, projectId, fingerprint }) => ({
      name: key,
      everywhere: projectId === everyProject,
      fingerprint,
      verifies: found.some((one) => one.results[fingerprint] === 'ok' && isSignature(one)),
    })),
    signatures: foundAnswer(found, keys),
  })
}

function isSignature({ kind, subject, attachedTo }: Found): boolean {
  return kind === 'signature' && subject === attachedTo
}

/** What is attached, and what each key says of it. */
export function foundAnswer(found: readonly Found[], keys: readonly TrustKey[]): object[] {
  return found.map((one) => ({
    manifest: one.manifest,
    kind: one.kind,
    layout: one.layout ?? null,
    signs: one.subject ?? null,
    attached_to: one.attachedTo,
    covers_by_index: one.covering,
    first_seen_at: one.firstSeenAt,
    ...one.document,
    results: keys.map(({ name, projectId, fingerprint }) => ({
      key: name,
      everywhere: projectId === everyProject,
      fingerprint,
      code: one.kind === 'signature' && one.subject !== one.attachedTo ? 'other-digest' : one.results[fingerprint],
    })),
  }))
}
