import {
  parseReference,
  parseRepositoryName,
  projectOf,
  RegistryError,
  type RepositoryName,
  repositoryInProject,
} from '@breakwater/oci'
import { type Artifact, findArtifact, referencesOf } from '../artifacts/index.ts'
import { requireInProject } from '../harbor-api/index.ts'
import { type Assessment, assess, severityName } from '../policy/index.ts'
import { everyProject, findRepositoryId } from '../projects/index.ts'
import type { GateDeps } from './gate-deps.ts'
import { json, type Operation, required } from './operation.ts'
import { foundAnswer } from './trust-test.ts'

/** Findings and children that one answer shows. */
const mostFindings = 1_000
const mostChildren = 50

/** What would be said to a pull, with everything that it rests on. For those who may pull. */
export const verdictOperations: readonly Operation<GateDeps>[] = [
  {
    method: 'GET',
    path: '/verdict',
    async handle(deps, { caller, search }) {
      const name = parseRepositoryName(required(search, 'repository'))
      const reference = parseReference(required(search, 'reference'))
      if (!name?.includes('/')) throw new RegistryError('BAD_REQUEST', 'repository is of the form project/name')
      if (!reference) throw new RegistryError('BAD_REQUEST', 'reference is a tag or a digest')
      const input = { caller, params: { project_name: projectOf(name) } }
      const { project } = await requireInProject(deps, input, 'repository:pull')
      const repositoryId = await findRepositoryId(deps.pool, project.id, repositoryInProject(name))
      const artifact = repositoryId && (await findArtifact(deps.pool, repositoryId, reference))
      if (!artifact) throw unknown(name, search.get('reference') ?? '')
      const made = await assessed(deps, project.id, name, artifact)
      return json({
        repository: name,
        ...verdictAnswer(made),
        ...evidenceAnswer(made),
        ...signingAnswer(made),
        children: await children(deps, project.id, name, artifact),
      })
    },
  },
]

function unknown(name: RepositoryName, reference: string): RegistryError {
  return new RegistryError('NOT_FOUND', `artifact ${name} ${reference} not found`)
}

type Judged = Assessment & Pick<Artifact, 'digest'>

async function assessed(
  deps: GateDeps,
  projectId: number,
  name: RepositoryName,
  { digest }: Pick<Artifact, 'digest'>,
): Promise<Judged> {
  const made = await assess(deps, { projectId, repository: repositoryInProject(name), digest })
  if (!made) throw unknown(name, digest)
  return { ...made, digest }
}

function verdictAnswer({ digest, verdict, policy }: Judged): object {
  return {
    digest,
    gated: policy.rules.length > 0 || policy.signing.length > 0,
    allowed: verdict.allow,
    reasons: verdict.reasons,
    notes: verdict.notes,
    not_after: verdict.notAfter,
  }
}

function evidenceAnswer({ scan, policy }: Judged): object {
  const { generation } = scan
  const findings = scan.findings.toSorted((a, b) => b.severity - a.severity)
  return {
    evidence: {
      class: scan.class ?? null,
      scan: scan.state,
      scanned_at: scan.scannedAt ?? null,
      failure: scan.failure ?? null,
      partial: scan.partial,
      not_covered: scan.notCovered,
      total: findings.length,
      findings: findings.slice(0, mostFindings).map((one) => ({ ...one, severity: severityName(one.severity) })),
    },
    database: generation
      ? {
          digest: generation.digest,
          source: generation.source,
          built_at: generation.builtAt,
          age_hours: Math.floor((Date.now() - generation.builtAt.getTime()) / 3_600_000),
        }
      : null,
    rules: policy.rules.map(({ origin, threshold, mode, ignoreUnfixed, staleDeny, acceptNotCovered, breakGlass }) => ({
      origin,
      severity: threshold.name,
      mode,
      ignoreUnfixed,
      staleDeny,
      acceptNotCovered,
      breakGlass: breakGlass ?? null,
    })),
  }
}

/** Whose signatures are wanted, and whose are there. */
function signingAnswer({ policy, signatures }: Judged): object {
  const keys = policy.signing.flatMap((rule) => rule.keys)
  const distinct = [...new Map(keys.map((key) => [`${key.projectId} ${key.name}`, key])).values()]
  return {
    signing: policy.signing.map(({ origin, mode, pinned, requirement, keys: wanted }) => ({
      origin,
      mode,
      pinned,
      requirement,
      wanted: wanted.map(({ name, projectId, fingerprint, validUntil, compromisedAt }) => ({
        name,
        everywhere: projectId === everyProject,
        fingerprint,
        valid_until: validUntil ?? null,
        compromised_at: compromisedAt ?? null,
      })),
    })),
    signatures: foundAnswer(signatures.found, distinct),
  }
}

/** An index is served whatever it lists; what is pulled next is one of these. */
async function children(
  deps: GateDeps,
  projectId: number,
  name: RepositoryName,
  artifact: Artifact,
): Promise<object[]> {
  const listed = (await referencesOf(deps.pool, [artifact])).get(artifact.id)?.slice(0, mostChildren) ?? []
  const found: object[] = []
  for (const { child, platform } of listed) {
    const made = await assess(deps, { projectId, repository: repositoryInProject(name), digest: child })
    if (made) found.push({ platform: platform ?? null, ...verdictAnswer({ ...made, digest: child }) })
  }
  return found
}
