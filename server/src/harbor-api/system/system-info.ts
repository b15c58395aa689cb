import type { GeneralInfo, SystemInfo } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import { authMode, type RuntimeSettings } from '../../settings/index.ts'
import { type HandlersOf, json, type ServerFacts } from '../operation.ts'
import { requireInSystem } from '../permit.ts'

/** The version of Harbor whose API this is: clients read it to know what they may ask. */
const harborVersion = 'v2.15.2'

export const systemInfoHandlers: HandlersOf<'getSystemInfo' | 'getVolumes' | 'getCert'> = {
  async getSystemInfo({ settings, facts }, { caller, origin }) {
    const current = await settings.current()
    const known = caller.who.kind !== 'anonymous'
    return json({ ...forEverybody(current), ...(known ? forAccounts(current, facts, origin) : {}) })
  },

  async getVolumes(deps, { caller }) {
    await requireInSystem(deps, caller, 'system-volumes:read')
    const space = await deps.store.space()
    return json({ storage: space ? [{ total: space.total, free: space.free }] : [] } satisfies SystemInfo)
  },

  async getCert() {
    throw new RegistryError('NOT_FOUND', 'resource not found: no certificate authority is configured')
  },
}

function forEverybody({ self_registration, banner_message }: RuntimeSettings): GeneralInfo {
  return { auth_mode: authMode, primary_auth_mode: false, self_registration, banner_message, oidc_provider_name: '' }
}

function forAccounts(settings: RuntimeSettings, facts: ServerFacts, origin: string): GeneralInfo {
  const url = facts.externalUrl ?? origin
  return {
    harbor_version: `${harborVersion}-breakwater.${facts.version}`,
    external_url: url,
    registry_url: url.replace(/^https?:\/\//, ''),
    project_creation_restriction: settings.project_creation_restriction,
    read_only: settings.read_only,
    has_ca_root: false,
    registry_storage_provider_name: facts.storeKind,
    notification_enable: false,
    current_time: new Date().toISOString(),
  }
}
