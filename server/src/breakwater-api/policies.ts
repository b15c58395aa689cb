import { RegistryError } from '@breakwater/oci'
import { Type } from 'typebox'
import { requireInSystem } from '../harbor-api/index.ts'
import {
  breakGlass,
  changeSettings,
  findFloor,
  findPolicy,
  floorDefaults,
  floorOwner,
  mendGlass,
  projectDefaults,
  readFloorSettings,
  readProjectSettings,
} from '../policy/index.ts'
import type { Project } from '../projects/index.ts'
import { type GateDeps, ownerOf, projectOfPath } from './gate-deps.ts'
import { json, type Operation, readObject } from './operation.ts'
import { bodyReader } from './read-body.ts'

const readGlass = bodyReader(Type.Object({ reason: Type.String({ minLength: 10, maxLength: 500 }) }))

/** What a project demands beside Harbor's metadata, and the floor below all projects. */
export const policyOperations: readonly Operation<GateDeps>[] = [
  {
    method: 'GET',
    path: '/projects/:project/policy',
    handle: async (deps, asked) => json(await policyAnswer(deps, await projectOfPath(deps, asked, 'policy:read'))),
  },
  {
    method: 'PUT',
    path: '/projects/:project/policy',
    async handle(deps, asked) {
      const project = await projectOfPath(deps, asked, 'policy:update')
      await changeSettings(deps.pool, ownerOf(project), readProjectSettings(readObject(asked.body)), asked.caller.actor)
      return json(await policyAnswer(deps, project))
    },
  },
  {
    method: 'POST',
    path: '/projects/:project/policy/break-glass',
    async handle(deps, asked) {
      const project = await projectOfPath(deps, asked, 'policy:update')
      return json(await breakGlass(deps.pool, ownerOf(project), readGlass(asked.body).reason, asked.caller.actor))
    },
  },
  {
    method: 'DELETE',
    path: '/projects/:project/policy/break-glass',
    async handle(deps, asked) {
      const project = await projectOfPath(deps, asked, 'policy:update')
      await mendGlass(deps.pool, ownerOf(project), asked.caller.actor)
      return { status: 204 }
    },
  },
  {
    method: 'GET',
    path: '/policy/floor',
    async handle(deps, { caller }) {
      await requireInSystem(deps, caller, 'policy:read')
      return json(await floorAnswer(deps))
    },
  },
  {
    method: 'PUT',
    path: '/policy/floor',
    async handle(deps, { caller, body }) {
      await requireInSystem(deps, caller, 'policy:update')
      await changeSettings(deps.pool, floorOwner, readFloorSettings(readObject(body)), caller.actor)
      return json(await floorAnswer(deps))
    },
  },
  {
    method: 'POST',
    path: '/policy/floor/break-glass',
    async handle(deps, { caller, body }) {
      await requireInSystem(deps, caller, 'policy:update')
      return json(await breakGlass(deps.pool, floorOwner, readGlass(body).reason, caller.actor))
    },
  },
  {
    method: 'DELETE',
    path: '/policy/floor/break-glass',
    async handle(deps, { caller }) {
      await requireInSystem(deps, caller, 'policy:update')
      await mendGlass(deps.pool, floorOwner, caller.actor)
      return { status: 204 }
    },
  },
]

/** Settings as they hold; `gate`: Harbor's metadata, which are changed by Harbor's API. */
async function policyAnswer({ pool }: GateDeps, { id, name }: Project): Promise<object> {
  const found = await findPolicy(pool, id, undefined)
  if (!found) throw new RegistryError('NOT_FOUND', `project ${name} not found`)
  const { metadata, document, floor } = found
  const { breakGlass: glass, ...settings } = document
  return {
    project: name,
    gate: {
      prevent_vul: metadata['prevent_vul'] === 'true',
      severity: metadata['severity'] ?? null,
      reuse_sys_cve_allowlist: metadata['reuse_sys_cve_allowlist'] !== 'false',
    },
    settings: { ...projectDefaults, ...settings },
    breakGlass: glass ?? null,
    floor: { ...floorDefaults, ...floor },
  }
}

async function floorAnswer({ pool }: GateDeps): Promise<object> {
  const { breakGlass: glass, ...settings } = await findFloor(pool)
  return { settings: { ...floorDefaults, ...settings }, breakGlass: glass ?? null }
}
