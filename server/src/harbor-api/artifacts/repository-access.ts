import { parseReference, type Reference, RegistryError } from '@breakwater/oci'
import type { Permission } from '../../access/index.ts'
import { type Artifact, findArtifact, type Place } from '../../artifacts/index.ts'
import { findRepositoryId } from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import type { ApiDeps } from '../operation.ts'
import { requireInProject } from '../permit.ts'

interface NamesRepository {
  readonly caller: Caller
  readonly params: { readonly project_name: string; readonly repository_name: string }
}

interface NamesArtifact extends NamesRepository {
  readonly params: NamesRepository['params'] & { readonly reference: string }
}

/** Clients escape a name with slashes once or twice; the router has unescaped it once. No name holds a percent sign. */
export function unescapeAgain(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The repository that the path names, for a caller who has the permission in its project. */
export async function requireRepository(
  deps: ApiDeps,
  input: NamesRepository,
  permission: Permission,
): Promise<Place & { readonly name: string }> {
  const { project } = await requireInProject(deps, input, permission)
  const name = unescapeAgain(input.params.repository_name)
  const repository = `${project.name}/${name}`
  const repositoryId = await findRepositoryId(deps.pool, project.id, name)
  if (repositoryId === undefined) throw new RegistryError('NOT_FOUND', `repository ${repository} not found`)
  return { projectId: project.id, repositoryId, repository, name }
}

/** The same for an artifact. */
export async function requireArtifact(
  deps: ApiDeps,
  input: NamesArtifact,
  permission: Permission,
): Promise<Place & { readonly artifact: Artifact }> {
  const place = await requireRepository(deps, input, permission)
  return { ...place, artifact: await artifactAt(deps, place, unescapeAgain(input.params.reference)) }
}

/** Throws NOT_FOUND in Harbor's words. */
export async function artifactAt(
  deps: ApiDeps,
  place: Pick<Place, 'repositoryId' | 'repository'>,
  text: string,
): Promise<Artifact> {
  const reference = parseReference(text)
  const found = reference && (await findArtifact(deps.pool, place.repositoryId, reference))
  if (found) return found
  throw new RegistryError('NOT_FOUND', `artifact ${place.repository}${sign(reference)}${text} not found`)
}

function sign(reference: Reference | undefined): string {
  return reference?.kind === 'digest' ? '@' : ':'
}
