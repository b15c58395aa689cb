import type { ScannerAdapterMetadata, ScannerRegistration } from '@breakwater/harbor-contract'
import { mediaType, RegistryError } from '@breakwater/oci'
import { reportTypes, scannerName, scannerOf } from '../artifacts/scan-overview.ts'
import { type ApiDeps, type HandlersOf, json } from '../operation.ts'
import { requireInProject, requireInSystem } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'

/** The only scanner: the one inside. It has the id that no random one gets. */
const uuid = '00000000-0000-0000-0000-000000000001'

/** It is there, it is everybody's, and it can't be changed. */
export const scannerHandlers: HandlersOf<
  'listScanners' | 'getScanner' | 'getScannerMetadata' | 'getScannerOfProject' | 'listScannerCandidatesOfProject'
> = {
  async listScanners(deps, input) {
    await requireInSystem(deps, input.caller, 'scanner:list')
    return only(deps, input)
  },

  async getScanner(deps, { caller, params }) {
    await requireInSystem(deps, caller, 'scanner:read')
    requireKnown(params.registration_id)
    return json(registration(deps))
  },

  async getScannerMetadata(deps, { caller, params }) {
    await requireInSystem(deps, caller, 'scanner:read')
    requireKnown(params.registration_id)
    return json(await metadata(deps))
  },

  async getScannerOfProject(deps, input) {
    await requireInProject(deps, input, 'scanner:read')
    return json(registration(deps))
  },

  async listScannerCandidatesOfProject(deps, input) {
    await requireInProject(deps, input, 'scanner:create')
    return only(deps, input)
  },
}

function requireKnown(id: string): void {
  if (id !== uuid) throw new RegistryError('NOT_FOUND', `scanner ${id} not found`)
}

function only(deps: ApiDeps, input: Parameters<typeof list>[0] & { query: Parameters<typeof pageOf>[0] }) {
  const page = pageOf(input.query)
  const { offset, limit } = windowOf(page)
  const all = [registration(deps)]
  return list(input, all.slice(offset, limit === null ? undefined : offset + limit), all.length, page)
}

function registration(deps: ApiDeps): ScannerRegistration {
  const { version } = deps.facts
  const epoch = new Date(0).toISOString()
  return {
    uuid,
    name: scannerName,
    description: 'Reads images as they are pushed; needs no other program.',
    url: deps.facts.externalUrl ?? 'http://localhost',
    disabled: false,
    is_default: true,
    auth: '',
    access_credential: '',
    skip_certVerify: false,
    use_internal_addr: true,
    create_time: epoch,
    update_time: epoch,
    adapter: scannerName,
    vendor: scannerName,
    version,
    health: 'healthy',
    capabilities: { support_vulnerability: true, support_sbom: false },
  }
}

async function metadata(deps: ApiDeps): Promise<ScannerAdapterMetadata> {
  const generation = await deps.vulndb.current(deps.pool)
  return {
    scanner: scannerOf(deps),
    capabilities: [
      {
        type: 'vulnerability',
        consumes_mime_types: [mediaType.ociManifest, mediaType.dockerManifest],
        produces_mime_types: [...reportTypes],
      },
    ],
    properties: generation
      ? {
          'harbor.scanner-adapter/vulnerability-database-updated-at': generation.builtAt.toISOString(),
          'breakwater/vulnerability-database-digest': generation.digest,
          'breakwater/vulnerability-database-source': generation.source,
        }
      : {},
  }
}
