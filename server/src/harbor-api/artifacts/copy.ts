import {
  type Digest,
  parseReference,
  parseRepositoryName,
  projectOf,
  RegistryError,
  type RepositoryName,
  repositoryInProject,
} from '@breakwater/oci'
import { type Artifact, copyArtifact, findWhole, type Place } from '../../artifacts/index.ts'
import { transaction } from '../../metadata/index.ts'
import { ensureRepository, findRepositoryId, lockRepository } from '../../projects/index.ts'
import { requestMissing } from '../../scanning/index.ts'
import type { Caller } from '../caller.ts'
import type { ApiDeps, Handler } from '../operation.ts'
import { created } from '../operation.ts'
import { requireInProject } from '../permit.ts'
import { artifactAt, unescapeAgain } from './repository-access.ts'

/** POST …/artifacts?from=project/repository:tag, or …@digest */
export const copyHandler: Handler<'CopyArtifact'> = async (deps, input) => {
  const { caller, params } = input
  const { project } = await requireInProject(deps, input, 'artifact:create')
  const name = parseRepositoryName(`${project.name}/${unescapeAgain(params.repository_name)}`)
  if (!name) throw new RegistryError('BAD_REQUEST', `invalid repository name: ${params.repository_name}`)
  const source = await requireSource(deps, caller, input.query.from)

  const own = repositoryInProject(name)
  const repositoryId = await transaction(deps.pool, (tx) => ensureRepository(tx, project.id, own))
  const gone = () => new RegistryError('NOT_FOUND', `project ${project.name} not found`)
  if (repositoryId === undefined) throw gone()
  const place = { projectId: project.id, repositoryId, repository: name }
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const allowed = await requireWhole(deps, caller, source)
    const outcome = await transaction(deps.pool, async (tx) => {
      if (!(await lockRepository(tx, repositoryId))) throw gone()
      const copied = await copyArtifact(tx, source, place, source.artifact.digest, allowed, caller.actor)
      if (copied === 'copied') await requestMissing(tx, deps.jobs, place)
      return copied
    })
    if (outcome === 'copied') return created(input, source.reference)
    if (outcome === 'gone') throw new RegistryError('NOT_FOUND', `artifact ${input.query.from} not found`)
  }
  throw new RegistryError('CONFLICT', `what belongs to ${input.query.from} keeps changing; try again`)
}

/** Something may be attached to the artifact between the verdicts and the copy. */
const mostAttempts = 5

interface Source extends Place {
  readonly repository: RepositoryName
  readonly gated: boolean
  readonly artifact: Artifact
  /** The tag or digest by which it was named. */
  readonly reference: string
}

/**
 * A copy is a pull of everything that goes along: children and accessories as well, since elsewhere nobody may ask for a
 * verdict on them (gate.md G10). Undefined where the project is not gated.
 */
async function requireWhole({ pool, gate }: ApiDeps, { actor }: Caller, source: Source): Promise<Digest[] | undefined> {
  if (!source.gated) return undefined
  const whole = await findWhole(pool, source.repositoryId, source.artifact.digest)
  for (const digest of whole) await gate.requireManifest(source, digest, actor, undefined)
  return whole
}

/** The caller gets the content too, so it takes what a pull takes. */
async function requireSource(deps: ApiDeps, caller: Caller, from: string): Promise<Source> {
  const [, path = '', sign, text = ''] = /^([^:@]+)([:@])(.+)$/.exec(from) ?? []
  const name = parseRepositoryName(path)
  const reference = parseReference(text)
  if (!name?.includes('/') || reference?.kind !== (sign === '@' ? 'digest' : 'tag')) {
    throw new RegistryError('BAD_REQUEST', `invalid format of from parameter: ${from}`)
  }
  const input = { caller, params: { project_name: projectOf(name) } }
  await requireInProject(deps, input, 'artifact:read')
  const { project } = await requireInProject(deps, input, 'repository:pull')
  const repositoryId = await findRepositoryId(deps.pool, project.id, repositoryInProject(name))
  if (repositoryId === undefined) throw new RegistryError('NOT_FOUND', `repository ${name} not found`)
  const place = { projectId: project.id, repositoryId, repository: name, gated: project.gated }
  const artifact = await artifactAt(deps, place, text)
  if (artifact.accessoryType !== null) {
    throw new RegistryError('DENIED', `the operation isn't supported for an artifact accessory`)
  }
  return { ...place, artifact, reference: text }
}
