import { RegistryError } from '@breakwater/oci'
import { accessoriesOf, addLabel, findLabel, removeArtifact, removeLabel } from '../../artifacts/index.ts'
import { transaction } from '../../metadata/index.ts'
import { type HandlersOf, json, ok } from '../operation.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { getAddition } from './additions.ts'
import { accessoryAnswer, artifactAnswers } from './artifact-answer.ts'
import { listArtifacts, listArtifactsOfProject } from './artifact-list.ts'
import { copyHandler } from './copy.ts'
import { requireArtifact } from './repository-access.ts'
import { tagHandlers } from './tag.ts'

export const artifactHandlers: HandlersOf<
  | 'listArtifacts'
  | 'CopyArtifact'
  | 'getArtifact'
  | 'deleteArtifact'
  | 'listTags'
  | 'createTag'
  | 'deleteTag'
  | 'listAccessories'
  | 'getAddition'
  | 'addLabel'
  | 'removeLabel'
  | 'listArtifactsOfProject'
> = {
  listArtifacts,
  listArtifactsOfProject,
  CopyArtifact: copyHandler,
  getAddition,
  ...tagHandlers,

  async getArtifact(deps, input) {
    const { artifact } = await requireArtifact(deps, input, 'artifact:read')
    const [answer] = await artifactAnswers(deps, [artifact], input.query, input.headers['X-Accept-Vulnerabilities'])
    return json(answer)
  },

  async deleteArtifact(deps, input) {
    const { artifact, ...place } = await requireArtifact(deps, input, 'artifact:delete')
    const { digest } = artifact
    const removed = await transaction(deps.pool, (tx) => removeArtifact(tx, place, digest, input.caller.actor))
    if (!removed) throw new RegistryError('NOT_FOUND', `artifact ${place.repository}@${digest} not found`)
    return ok
  },

  async listAccessories(deps, input) {
    const { artifact, repository } = await requireArtifact(deps, input, 'accessory:list')
    const page = pageOf(input.query)
    const { offset, limit } = windowOf(page)
    const all = (await accessoriesOf(deps.pool, [artifact])).get(artifact.id) ?? []
    const shown = all.slice(offset, limit === null ? undefined : offset + limit)
    return list(
      input,
      shown.map((accessory) => accessoryAnswer(repository, accessory)),
      all.length,
      page,
    )
  },

  async addLabel(deps, input) {
    const place = await requireArtifact(deps, input, 'artifact-label:create')
    const id = input.body.id ?? 0
    const label = await findLabel(deps.pool, id)
    // A label of another project is as good as none.
    if (!label || (label.projectId !== null && label.projectId !== place.projectId)) {
      throw new RegistryError('NOT_FOUND', `label ${id} not found`)
    }
    await transaction(deps.pool, (tx) => addLabel(tx, place, label, input.caller.actor))
    return ok
  },

  async removeLabel(deps, input) {
    const place = await requireArtifact(deps, input, 'artifact-label:delete')
    const id = input.params.label_id
    const label = (await findLabel(deps.pool, id)) ?? { id, name: '' }
    await transaction(deps.pool, (tx) => removeLabel(tx, place, label, input.caller.actor))
    return ok
  },
}
