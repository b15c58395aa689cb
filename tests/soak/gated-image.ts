import { randomBytes } from 'node:crypto'
import type { Breakwater } from '../../bench/lib/breakwater.ts'
import { pushBlob, pushManifest } from '../../bench/lib/registry-client.ts'
import { debianRelease, dpkgStatus, imageOf } from '../../packages/inventory/src/fixture.ts'

/** An image, and how many critical or high vulnerabilities it has by each of the two databases. */
export interface GatedImage {
  readonly repository: string
  readonly blobs: readonly Buffer[]
  readonly manifest: Buffer
  readonly digest: string
  readonly refused: Readonly<Record<'first' | 'full', boolean>>
  /** Whether the full database finds a critical vulnerability that the first does not know. */
  readonly worse: boolean
}

const fillerBytes = 4 * 2 ** 20
const openldap = { vulnerable: '2.4.57+dfsg-3', fixed: '2.4.57+dfsg-3+deb11u1' } as const
/** Of which only the full database knows that it is vulnerable, critically; the other version is newer than all fixes. */
const nss = { vulnerable: '2:3.61-1', fixed: '2:3.99-1' } as const

/** One of four kinds by turns; with some megabytes of noise, so that reading it takes a while. */
export function makeGatedImage(project: string, index: number): GatedImage {
  const [ldap, nssToo] = [index % 2 === 0, index % 4 >= 2]
  const packages = [
    { name: 'libldap-2.4-2', source: 'openldap', version: ldap ? openldap.vulnerable : openldap.fixed },
    { name: 'libnss3', source: 'nss', version: nssToo ? nss.vulnerable : nss.fixed },
  ]
  const filler = { path: 'srv/noise', content: randomBytes(fillerBytes) }
  const image = imageOf([[...debianRelease('11.6'), dpkgStatus(packages), filler]])
  return {
    repository: `${project}/app${index}`,
    blobs: [...image.blobs.values()],
    manifest: image.manifest,
    digest: image.manifestDigest,
    refused: { first: ldap, full: ldap || nssToo },
    worse: nssToo,
  }
}

export async function pushGated(system: Breakwater, { repository, blobs, manifest }: GatedImage): Promise<void> {
  for (const blob of blobs) await pushBlob(system, repository, blob)
  await pushManifest(system, repository, '1', manifest)
}
