import { type DatabaseContent, databaseLayer } from '@breakwater/vulndb/fixture'
import type { TestRegistry } from '../registry.ts'

/** Has the registry use a database with this content; resolves once it does. */
export async function importDatabase(registry: TestRegistry, content: DatabaseContent): Promise<void> {
  const body = await databaseLayer(content)
  const asked = await registry.ask('PUT', '/api/breakwater/v1/vulndb/import?force=true', { body })
  if (asked.status !== 202) throw new Error(`not taken: ${asked.status} ${asked.text}`)
  const { id } = JSON.parse(asked.text) as { id: number }
  for (;;) {
    const { text } = await registry.ask('GET', `/api/breakwater/v1/vulndb/imports/${id}`)
    const { state, message } = JSON.parse(text) as { state: string; message: string | null }
    if (state === 'done') return
    if (state !== 'waiting' && state !== 'running') throw new Error(`not imported: ${state} ${message}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

type Flaw = readonly [id: string, severity: number, fixed?: string]

/** A database of flaws in Debian's openssl and in npm's lodash, below 3.0.20-1 and 5.0.0 unless they say otherwise. */
export function databaseOf(openssl: readonly Flaw[], lodash: readonly Flaw[] = []): DatabaseContent {
  const details = [...openssl, ...lodash].map(([id, severity]) => [
    id,
    {
      Title: `Title of ${id}`,
      Description: `Description of ${id}`,
      VendorSeverity: { nvd: severity },
      CVSS: { nvd: { V3Score: 9.8, V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' } },
      CweIDs: ['CWE-79'],
      References: [`https://example.com/${id}`],
    },
  ])
  return {
    buckets: {
      'debian 12': {
        openssl: Object.fromEntries(openssl.map(([id, , fixed = '3.0.20-1']) => [id, { FixedVersion: fixed }])),
      },
      'npm::Test': {
        lodash: Object.fromEntries(
          lodash.map(([id]) => [id, { VulnerableVersions: ['<5.0.0'], PatchedVersions: ['5.0.0'] }]),
        ),
      },
    },
    vulnerabilities: Object.fromEntries(details),
    dataSources: { 'debian 12': { ID: 'debian' }, 'npm::Test': { ID: 'test' } },
  }
}
