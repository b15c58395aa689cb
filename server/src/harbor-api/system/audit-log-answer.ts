import type { AuditLogExt } from '@breakwater/harbor-contract'
import type { Entry } from '../../ledger/index.ts'

export function entryAnswer(entry: Entry): AuditLogExt {
  const { id, username, resource, resource_type, operation, operation_result, op_time } = entry
  return {
    id,
    username,
    resource,
    resource_type,
    operation,
    operation_description: describe(entry),
    operation_result,
    op_time: op_time.toISOString(),
  }
}

/** In Harbor's words. */
function describe({ operation, resource, resource_type: type, digest }: Entry): string {
  if (operation === 'login' || operation === 'logout') return operation
  if (type === resource) return `${operation} ${type}`
  switch (type) {
    case 'user':
      return `${operation} user with name: ${resource}`
    case 'artifact':
      return `${operation === 'create' ? 'push' : operation} artifact: ${byDigest(resource, digest)}`
    default:
      return `${operation} ${type}: ${resource}`
  }
}

/** `p/r@sha256:…` for `p/r:tag`, where it is known. */
function byDigest(resource: string, digest: string | null): string {
  return digest ? `${resource.replace(/[@:].*$/, '')}@${digest}` : resource
}
