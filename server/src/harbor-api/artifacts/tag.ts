import { parseTag, RegistryError } from '@breakwater/oci'
import { addTag, findTags, removeTag, tagColumns } from '../../artifacts/index.ts'
import { transaction } from '../../metadata/index.ts'
import { type HandlersOf, ok } from '../operation.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { parseQuery, parseSort } from '../request/query.ts'
import { applyConditions, type Column } from '../request/sql-filter.ts'
import { tagAnswer } from './artifact-answer.ts'
import { requireArtifact, unescapeAgain } from './repository-access.ts'

const columns: Readonly<Record<string, Column>> = {
  id: { sql: tagColumns.id, type: 'bigint' },
  name: { sql: tagColumns.name, type: 'text' },
  push_time: { sql: tagColumns.pushedAt, type: 'timestamptz' },
  pull_time: { sql: tagColumns.pulledAt, type: 'timestamptz' },
}

const sortable = Object.fromEntries(Object.entries(columns).map(([key, { sql }]) => [key, sql]))

export const tagHandlers: HandlersOf<'listTags' | 'createTag' | 'deleteTag'> = {
  async listTags(deps, input) {
    const { query } = input
    const { artifact } = await requireArtifact(deps, input, 'tag:list')
    const page = pageOf(query)
    const filter = applyConditions({ clauses: [], values: [] }, parseQuery(query.q), columns)
    const order = parseSort(query.sort, sortable, 't.updated_at desc, t.id desc')
    const found = await findTags(deps.pool, artifact, filter, order, windowOf(page))
    return list(input, found.tags.map(tagAnswer), found.total, page)
  },

  async createTag(deps, input) {
    const { artifact, ...place } = await requireArtifact(deps, input, 'tag:create')
    const name = parseTag(input.body.name)
    if (!name) throw new RegistryError('BAD_REQUEST', `invalid tag name: ${input.body.name}`)
    await transaction(deps.pool, (tx) => addTag(tx, place, name, artifact.digest, input.caller.actor))
    return { status: 201 }
  },

  async deleteTag(deps, input) {
    const { artifact, ...place } = await requireArtifact(deps, input, 'tag:delete')
    const name = unescapeAgain(input.params.tag_name)
    await transaction(deps.pool, async (tx) => {
      if (await removeTag(tx, place, name, input.caller.actor, artifact.digest)) return
      throw new RegistryError('NOT_FOUND', `tag ${name} attached to artifact ${artifact.id} not found`)
    })
    return ok
  },
}
