import { RegistryError } from '@breakwater/oci'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import { authMode, checkSettings, saveSettings } from '../../settings/index.ts'
import { type HandlersOf, json, ok } from '../operation.ts'
import { requireInSystem } from '../permit.ts'

const harborAuthModes = ['db_auth', 'ldap_auth', 'uaa_auth', 'http_auth', 'oidc_auth']

export const configurationHandlers: HandlersOf<'getConfigurations' | 'updateConfigurations'> = {
  async getConfigurations(deps, { caller }) {
    await requireInSystem(deps, caller, 'configuration:read')
    const settings = Object.entries(await deps.settings.current())
    return json({
      auth_mode: { value: authMode, editable: false },
      ...Object.fromEntries(settings.map(([key, value]) => [key, { value, editable: true }])),
    })
  },

  async updateConfigurations(deps, { caller, body }) {
    await requireInSystem(deps, caller, 'configuration:update')
    checkAuthMode(body.auth_mode)
    const given = checkSettings(body)
    await transaction(deps.pool, async (tx) => {
      const changed = await saveSettings(tx, given)
      const detail = Object.fromEntries(Object.entries(given).filter(([key]) => changed.includes(key)))
      if (changed.length === 0) return
      await record(tx, caller.actor, { action: 'configuration.update', object: 'configuration', detail })
    })
    deps.settings.forget()
    return ok
  },
}

function checkAuthMode(mode: string | null | undefined): void {
  if (mode == null || mode === authMode) return
  const problem = harborAuthModes.includes(mode)
    ? `the auth mode ${mode} does not exist here: ${authMode} is the only one`
    : `invalid auth_mode, shoud be one of ${harborAuthModes.join(', ')}`
  throw new RegistryError('BAD_REQUEST', `bad request: item name auth_mode: ${problem}`)
}
