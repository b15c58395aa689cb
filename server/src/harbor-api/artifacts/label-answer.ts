import type { Label as Answer } from '@breakwater/harbor-contract'
import type { Label } from '../../artifacts/index.ts'

export function labelAnswer(label: Label): Answer {
  return {
    id: label.id,
    name: label.name,
    ...(label.description ? { description: label.description } : {}),
    ...(label.color ? { color: label.color } : {}),
    scope: label.projectId === null ? 'g' : 'p',
    ...(label.projectId === null ? {} : { project_id: label.projectId }),
    creation_time: label.createdAt.toISOString(),
    update_time: label.updatedAt.toISOString(),
  }
}
