import { RegistryError } from '@breakwater/oci'
import { Type } from 'typebox'
import { requireInSystem } from '../harbor-api/index.ts'
import type { Reply } from '../http/index.ts'
import { globProblem } from '../policy/index.ts'
import { everyProject, findProject } from '../projects/index.ts'
import {
  addKey,
  changeKey,
  changeTrust,
  findTrust,
  type NewKey,
  removeKey,
  type TrustDeps,
  type TrustKey,
  type TrustOwner,
  trustDefaults,
} from '../signatures/index.ts'
import { type GateDeps, ownerOf, projectOfPath } from './gate-deps.ts'
import { type Asked, json, type Operation } from './operation.ts'
import { bodyReader } from './read-body.ts'
import { testTrust } from './trust-test.ts'

export interface TrustApiDeps extends GateDeps, TrustDeps {
  readonly pool: GateDeps['pool']
}

const keyName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' })
const time = Type.String({ minLength: 10, maxLength: 40 })
const names = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 50 })

const readNewKey = bodyReader(
  Type.Object(
    {
      name: keyName,
      key: Type.String({ minLength: 1, maxLength: 8_192 }),
      repositories: Type.Optional(names),
      annotations: Type.Optional(
        Type.Record(Type.String({ minLength: 1, maxLength: 255 }), Type.String({ maxLength: 1_024 }), {
          maxProperties: 20,
        }),
      ),
      valid_until: Type.Optional(time),
    },
    { additionalProperties: false },
  ),
)
const readChange = bodyReader(
  Type.Object(
    { valid_until: Type.Optional(Type.Union([time, Type.Null()])), compromised: Type.Optional(Type.Literal(true)) },
    { additionalProperties: false, minProperties: 1 },
  ),
)
const requirement = Type.Union([Type.Literal('any'), Type.Literal('all'), Type.Integer({ minimum: 1, maximum: 100 })])
const readSettings = bodyReader(
  Type.Object(
    {
      requirement: Type.Optional(requirement),
      require_pinned: Type.Optional(Type.Boolean()),
      evidence_from: Type.Optional(names),
    },
    { additionalProperties: false },
  ),
)
const readSystemSettings = bodyReader(
  Type.Object(
    { requirement: Type.Optional(requirement), demanded: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  ),
)

const registryOwner: TrustOwner = { id: everyProject, label: 'trust of the whole registry' }

type Handle = (deps: TrustApiDeps, asked: Asked, owner: TrustOwner) => Promise<Reply>

/** The same in a project, for its administrators, and in the whole registry, for the system's. */
function both(
  method: Operation<TrustApiDeps>['method'],
  path: string,
  permission: 'trust:read' | 'trust:update',
  handle: Handle,
): Operation<TrustApiDeps>[] {
  return [
    {
      method,
      path: `/projects/:project/trust${path}`,
      handle: async (deps, asked) => handle(deps, asked, ownerOf(await projectOfPath(deps, asked, permission))),
    },
    {
      method,
      path: `/trust${path}`,
      async handle(deps, asked) {
        await requireInSystem(deps, asked.caller, permission)
        return handle(deps, asked, registryOwner)
      },
    },
  ]
}

/** Whose signatures count. */
export const trustOperations: readonly Operation<TrustApiDeps>[] = [
  ...both('GET', '', 'trust:read', async (deps, _, owner) => json(await trustAnswer(deps, owner))),
  ...both('POST', '', 'trust:update', async (deps, { body, caller }, owner) => {
    return json(keyAnswer(await addKey(deps, owner, keyOf(body), caller.actor)), 201)
  }),
  ...both('PUT', '', 'trust:update', async (deps, { body, caller }, owner) => {
    await changeTrust(
      deps,
      owner,
      owner.id === everyProject ? readSystemSettings(body) : settingsOf(body),
      caller.actor,
    )
    return json(await trustAnswer(deps, owner))
  }),
  ...both('PUT', '/:key', 'trust:update', async (deps, { body, caller, params }, owner) => {
    const { valid_until: end, compromised } = readChange(body)
    const changes = {
      ...(end === undefined ? {} : { validUntil: end === null ? null : timeOf(end) }),
      ...(compromised ? { compromised } : {}),
    }
    return json(keyAnswer(await changeKey(deps, owner, params['key'] ?? '', changes, caller.actor)))
  }),
  ...both('DELETE', '/:key', 'trust:update', async (deps, { caller, params }, owner) => {
    await removeKey(deps, owner, params['key'] ?? '', caller.actor)
    return { status: 204 }
  }),
  {
    method: 'POST',
    path: '/projects/:project/trust/test',
    handle: async (deps, asked) => testTrust(deps, asked, await projectOfPath(deps, asked, 'repository:pull')),
  },
]

function keyOf(body: string): NewKey {
  const { name, key, repositories, annotations = {}, valid_until: end } = readNewKey(body)
  for (const pattern of repositories ?? []) {
    const problem = globProblem(pattern)
    if (problem) throw new RegistryError('BAD_REQUEST', `the pattern ${pattern} ${problem}; it is without the project`)
  }
  return { name, pem: key, repositories, annotations, validUntil: end === undefined ? undefined : timeOf(end) }
}

function timeOf(text: string): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new RegistryError('BAD_REQUEST', 'valid_until is no time such as 2026-12-31T00:00:00Z')
}

function settingsOf(body: string) {
  const { requirement: needed, require_pinned: requirePinned, evidence_from: evidenceFrom } = readSettings(body)
  return {
    ...(needed === undefined ? {} : { requirement: needed }),
    ...(requirePinned === undefined ? {} : { requirePinned }),
    ...(evidenceFrom === undefined ? {} : { evidenceFrom }),
  }
}

async function trustAnswer({ pool }: TrustApiDeps, { id }: TrustOwner): Promise<object> {
  const { keys, settings } = await findTrust(pool, [...new Set([id, everyProject])])
  const everywhere = { ...trustDefaults, ...settings.get(everyProject) }
  const system = {
    demanded: everywhere.demanded,
    requirement: everywhere.requirement,
    keys: keys.filter(({ projectId }) => projectId === everyProject).map(keyAnswer),
  }
  if (id === everyProject) return system
  const project = await findProject(pool, { id })
  const { requirement: needed, requirePinned, evidenceFrom } = { ...trustDefaults, ...settings.get(id) }
  return {
    project: project?.name,
    // Harbor's metadata, which is changed by Harbor's API.
    enable_content_trust_cosign: project?.metadata['enable_content_trust_cosign'] === 'true',
    pinned: requirePinned || keys.length > 0,
    requirement: needed,
    require_pinned: requirePinned,
    evidence_from: evidenceFrom,
    keys: keys.filter(({ projectId }) => projectId === id).map(keyAnswer),
    system,
  }
}

function keyAnswer(key: TrustKey): object {
  return {
    name: key.name,
    fingerprint: key.fingerprint,
    algorithm: key.algorithm,
    key: key.pem,
    repositories: key.repositories ?? null,
    annotations: key.annotations,
    valid_until: key.validUntil ?? null,
    compromised_at: key.compromisedAt ?? null,
    created_at: key.createdAt,
    created_by: key.createdBy,
  }
}
