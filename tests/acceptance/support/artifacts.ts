import type { Breakwater } from './breakwater.ts'
import { type Account, send } from './http.ts'
import { until } from './until.ts'

const reportType = 'application/vnd.security.vulnerability.report; version=1.1'

/** What Harbor's API says of the scan of an artifact. */
export interface ScanOverview {
  readonly scan_status: string
  readonly severity?: string
  readonly summary?: { readonly total: number; readonly fixable: number; readonly summary: Record<string, number> }
}

/** A vulnerability as Harbor reports it. */
export interface ServerFinding {
  readonly id: string
  readonly package: string
  readonly version: string
  readonly fix_version: string
  readonly severity: string
  readonly status?: string
}

/** An artifact by its name in the registry, `project/repository` and a tag or digest. */
export interface ArtifactName {
  readonly project: string
  readonly repository: string
  readonly reference: string
}

/** An artifact as Harbor's API lists it; what there is none of is null. */
export interface ListedArtifact {
  readonly digest: string
  readonly type: string
  readonly tags: readonly { readonly name: string }[] | null
  readonly accessories: readonly { readonly type: string; readonly digest: string }[] | null
  readonly extra_attrs: Readonly<Record<string, unknown>> | null
}

function listOf({ project, repository }: Omit<ArtifactName, 'reference'>): string {
  const escaped = encodeURIComponent(encodeURIComponent(repository))
  return `/api/v2.0/projects/${project}/repositories/${escaped}/artifacts`
}

function pathOf(artifact: ArtifactName): string {
  return `${listOf(artifact)}/${artifact.reference}`
}

async function read<T>({ url, admin }: Breakwater, path: string, account: Account = admin): Promise<T> {
  const { status, body } = await send(`${url}${path}`, { account })
  if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${body}`)
  return JSON.parse(body) as T
}

/** All artifacts of a repository that are no accessories, with their tags and accessories. */
export function listArtifacts(
  server: Breakwater,
  repository: Omit<ArtifactName, 'reference'>,
): Promise<readonly ListedArtifact[]> {
  return read(server, `${listOf(repository)}?page_size=100&with_tag=true&with_accessory=true`)
}

/** The scan overview of an artifact, as one poll of the API shows it; undefined where it was never scanned. */
export async function scanOverview(server: Breakwater, artifact: ArtifactName): Promise<ScanOverview | undefined> {
  const path = `${pathOf(artifact)}?with_scan_overview=true`
  const { scan_overview: overview } = await read<{ scan_overview?: Record<string, ScanOverview> }>(server, path)
  return overview?.[reportType]
}

/** The findings of the server's own scan. */
export async function serverFindings(server: Breakwater, artifact: ArtifactName): Promise<readonly ServerFinding[]> {
  const path = `${pathOf(artifact)}/additions/vulnerabilities`
  const report = await read<Record<string, { vulnerabilities: readonly ServerFinding[] | null }>>(server, path)
  return report[reportType]?.vulnerabilities ?? []
}

/** Waits until an artifact has been scanned, whatever the result. */
export async function untilScanned(server: Breakwater, artifact: ArtifactName): Promise<void> {
  const { repository, reference } = artifact
  await until(`the scan of ${repository}:${reference}`, 30_000, async () => {
    const overview = await scanOverview(server, artifact)
    return overview?.scan_status === 'Success' || overview?.scan_status === 'Error'
  })
}
