import { parseDigest, RegistryError } from '@breakwater/oci'
import { Type } from 'typebox'
import { requireInSystem } from '../harbor-api/index.ts'
import type { Reply } from '../http/index.ts'
import {
  type ExceptionRequest,
  floorOwner,
  globProblem,
  grantException,
  type ListedException,
  listExceptions,
  type PolicyOwner,
  revokeException,
  severityName,
  severityNames,
} from '../policy/index.ts'
import { type GateDeps, ownerOf, projectOfPath } from './gate-deps.ts'
import { type Asked, json, type Operation } from './operation.ts'
import { bodyReader } from './read-body.ts'

const text = (most: number) => Type.String({ minLength: 1, maxLength: most })

const read = bodyReader(
  Type.Object(
    {
      vulnerability: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9:._-]{2,99}$' }),
      package: Type.Optional(text(255)),
      repository: Type.Optional(text(255)),
      digest: Type.Optional(text(160)),
      reason: Type.String({ minLength: 10, maxLength: 2_000 }),
      severity: Type.Optional(Type.Union(severityNames.map((name) => Type.Literal(name)))),
      expires_at: Type.Optional(text(40)),
    },
    { additionalProperties: false },
  ),
)

const mostListed = 1_000

/** Waived findings, of a project and of the whole registry. */
export const exceptionOperations: readonly Operation<GateDeps>[] = [
  {
    method: 'GET',
    path: '/projects/:project/exceptions',
    handle: async (deps, asked) => list(deps, asked, ownerOf(await projectOfPath(deps, asked, 'exception:list'))),
  },
  {
    method: 'POST',
    path: '/projects/:project/exceptions',
    handle: async (deps, asked) => grant(deps, asked, ownerOf(await projectOfPath(deps, asked, 'exception:create'))),
  },
  {
    method: 'DELETE',
    path: '/projects/:project/exceptions/:id',
    handle: async (deps, asked) => revoke(deps, asked, ownerOf(await projectOfPath(deps, asked, 'exception:delete'))),
  },
  {
    method: 'GET',
    path: '/exceptions',
    async handle(deps, asked) {
      await requireInSystem(deps, asked.caller, 'exception:list')
      return list(deps, asked, floorOwner)
    },
  },
  {
    method: 'POST',
    path: '/exceptions',
    async handle(deps, asked) {
      await requireInSystem(deps, asked.caller, 'exception:create')
      return grant(deps, asked, floorOwner)
    },
  },
  {
    method: 'DELETE',
    path: '/exceptions/:id',
    async handle(deps, asked) {
      await requireInSystem(deps, asked.caller, 'exception:delete')
      return revoke(deps, asked, floorOwner)
    },
  },
]

async function list({ pool }: GateDeps, { search }: Asked, owner: PolicyOwner): Promise<Reply> {
  const found = await listExceptions(pool, owner.id, search.get('ended') === 'true', mostListed)
  return json(found.map(answer))
}

async function grant(deps: GateDeps, { body, caller }: Asked, owner: PolicyOwner): Promise<Reply> {
  return json(answer(await grantException(deps, owner, requestOf(body), caller.actor)), 201)
}

async function revoke({ pool }: GateDeps, { params, caller }: Asked, owner: PolicyOwner): Promise<Reply> {
  const id = /^\d{1,15}$/.test(params['id'] ?? '') ? Number(params['id']) : 0
  return json(answer(await revokeException(pool, owner, id, caller.actor)))
}

function requestOf(body: string): ExceptionRequest {
  const { expires_at: end, digest: digestText, severity, ...given } = read(body)
  const { vulnerability, package: name, repository, reason } = given
  const problem = repository === undefined ? undefined : globProblem(repository)
  if (problem) throw new RegistryError('BAD_REQUEST', `repository ${problem}; it is a pattern without the project`)
  const digest = digestText === undefined ? undefined : parseDigest(digestText)
  if (digestText !== undefined && !digest) throw new RegistryError('BAD_REQUEST', 'digest is no digest')
  const expiresAt = end === undefined ? undefined : new Date(end)
  if (expiresAt && Number.isNaN(expiresAt.getTime())) {
    throw new RegistryError('BAD_REQUEST', 'expires_at is no time such as 2026-12-31T00:00:00Z')
  }
  return {
    vulnerability,
    package: name,
    repository,
    digest,
    reason,
    severity: severity === undefined ? undefined : severityNames.indexOf(severity),
    expiresAt,
  }
}

function answer(exception: ListedException): object {
  const { id, vulnerability, package: name, repository, digest, reason, author } = exception
  return {
    id,
    vulnerability,
    package: name ?? null,
    repository: repository ?? null,
    digest: digest ?? null,
    reason,
    author,
    severity: severityName(exception.severity),
    created_at: exception.createdAt,
    expires_at: exception.expiresAt,
    revoked_at: exception.revokedAt ?? null,
    revoked_by: exception.revokedBy ?? null,
  }
}
