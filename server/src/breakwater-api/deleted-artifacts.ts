import {
  type Digest,
  parseDigest,
  parseRepositoryName,
  projectOf,
  RegistryError,
  type RepositoryName,
  repositoryInProject,
} from '@breakwater/oci'
import { Type } from 'typebox'
import { type Deletion, findDeleted, type Restored, restoreArtifact } from '../artifacts/index.ts'
import { requireInProject } from '../harbor-api/index.ts'
import { transaction } from '../metadata/index.ts'
import { ensureRepository, lockRepository, type Project } from '../projects/index.ts'
import { requestScan } from '../scanning/index.ts'
import type { CollectionApiDeps } from './collection.ts'
import { type Asked, json, type Operation } from './operation.ts'
import { bodyReader } from './read-body.ts'

const text = Type.String({ minLength: 1, maxLength: 500 })
const read = bodyReader(Type.Object({ repository: text, digest: text }, { additionalProperties: false }))

const mostListed = 1_000

/** What was deleted lately, and its way back: for those who may delete, and to bring back who may push, too. */
export const deletedArtifactOperations: readonly Operation<CollectionApiDeps>[] = [
  { method: 'GET', path: '/deleted-artifacts', handle: listDeleted },
  { method: 'POST', path: '/deleted-artifacts/restore', handle: restore },
]

/** `?project=` or `?repository=project/name`; the newest first, 1,000 at most. */
async function listDeleted(deps: CollectionApiDeps, { caller, search }: Asked) {
  const given = search.get('repository')
  const repository = given === null ? undefined : repositoryOf(given)
  const name = repository === undefined ? search.get('project') : projectOf(repository)
  if (!name) throw new RegistryError('BAD_REQUEST', 'project or repository is missing in the query')
  const { project } = await requireInProject(deps, { caller, params: { project_name: name } }, 'artifact:delete')
  const found = await findDeleted(deps.pool, { projectId: project.id, repository }, windowOf(deps), mostListed)
  return json(found.map((one) => deletionAnswer(one, deps.windows.undo)))
}

/** Body: `{repository, digest}`. */
async function restore(deps: CollectionApiDeps, { caller, body }: Asked) {
  const given = read(body)
  const repository = repositoryOf(given.repository)
  const digest = parseDigest(given.digest)
  if (!digest) throw new RegistryError('BAD_REQUEST', 'digest is no digest')
  const input = { caller, params: { project_name: projectOf(repository) } }
  const { project } = await requireInProject(deps, input, 'artifact:delete')
  await requireInProject(deps, input, 'repository:push')
  const restored = await bringBack(deps, project, repository, digest, caller)
  return json({
    repository,
    digest,
    restored: restored.digests,
    tags: restored.tags,
    tags_taken: restored.taken,
    accessories_lost: restored.lost,
  })
}

async function bringBack(
  deps: CollectionApiDeps,
  project: Project,
  repository: RepositoryName,
  digest: Digest,
  { actor }: Asked['caller'],
): Promise<Restored> {
  const gone = () => new RegistryError('NOT_FOUND', `project ${project.name} not found`)
  const own = repositoryInProject(repository)
  const repositoryId = await transaction(deps.pool, (tx) => ensureRepository(tx, project.id, own))
  if (repositoryId === undefined) throw gone()
  return transaction(deps.pool, async (tx) => {
    if (!(await lockRepository(tx, repositoryId))) throw gone()
    const place = { projectId: project.id, repositoryId, repository }
    const restored = await restoreArtifact(tx, place, digest, windowOf(deps), actor)
    // In the order of their keys, as the queue wants it.
    for (const one of restored.digests.toSorted()) {
      await requestScan(tx, deps.jobs, { digest: one, lane: 'push', projectId: project.id })
    }
    return restored
  })
}

/** After the window the collector may look, and what it has doomed stays for the grace period. */
function windowOf({ windows }: CollectionApiDeps): number {
  return windows.undo + windows.grace
}

function repositoryOf(given: string): RepositoryName {
  const name = parseRepositoryName(given)
  if (!name?.includes('/')) throw new RegistryError('BAD_REQUEST', 'repository is of the form project/name')
  return name
}

function deletionAnswer({ repository, digest, tags, deletedAt, deletedBy }: Deletion, undoMs: number): object {
  return {
    repository,
    digest,
    tags,
    deleted_at: deletedAt,
    deleted_by: deletedBy,
    // Later it is a matter of when the collector comes by.
    restorable_until: new Date(deletedAt.getTime() + undoMs),
  }
}
