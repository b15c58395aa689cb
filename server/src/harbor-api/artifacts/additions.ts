import { RegistryError } from '@breakwater/oci'
import type { Artifact } from '../../artifacts/index.ts'
import type { Reply } from '../../http/index.ts'
import type { ApiDeps, Handler } from '../operation.ts'
import { requireArtifact } from './repository-access.ts'

/** A config that was pushed is no larger, unless a limit was lowered since. */
const largestConfig = 4 << 20

/** What there is beyond the artifact itself, by Harbor's names. */
function additionsOf({ kind, configDigest }: Pick<Artifact, 'kind' | 'configDigest'>): readonly string[] {
  return kind === 'IMAGE' && configDigest ? ['build_history'] : []
}

/** The same, with those that have operations of their own. */
export function linkedAdditionsOf(artifact: Pick<Artifact, 'kind' | 'configDigest'>): readonly string[] {
  return artifact.kind === 'IMAGE' ? [...additionsOf(artifact), 'vulnerabilities'] : []
}

/** GET …/additions/{addition} */
export const getAddition: Handler<'getAddition'> = async (deps, input) => {
  const { artifact } = await requireArtifact(deps, input, 'artifact-addition:read')
  const { addition } = input.params
  if (!additionsOf(artifact).includes(addition)) {
    throw new RegistryError('BAD_REQUEST', `addition ${addition} isn't supported for ${artifact.kind}`)
  }
  return buildHistory(deps, artifact)
}

async function buildHistory(deps: ApiDeps, { configDigest }: Artifact): Promise<Reply> {
  const size = configDigest ? await deps.store.size(configDigest) : undefined
  if (!configDigest || size === undefined || size > largestConfig) {
    throw new RegistryError('NOT_FOUND', 'the config of this image is not in the store, or too large')
  }
  const chunks: Buffer[] = []
  if (size > 0) await deps.store.read(configDigest, 0, size - 1, async (chunk) => void chunks.push(Buffer.from(chunk)))
  const { history = [] } = JSON.parse(Buffer.concat(chunks).toString() || '{}') as { history?: unknown[] }
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(history),
  }
}
