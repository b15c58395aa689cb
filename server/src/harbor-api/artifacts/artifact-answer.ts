import type { Accessory, AdditionLinks, Artifact as Answer, Reference, Tag } from '@breakwater/harbor-contract'
import {
  type AccessoryDetail,
  type Artifact,
  accessoriesOf,
  type Label,
  labelsOf,
  type ReferenceDetail,
  referencesOf,
  type TagDetail,
  tagsOf,
} from '../../artifacts/index.ts'
import type { ApiDeps } from '../operation.ts'
import { linkedAdditionsOf } from './additions.ts'
import { labelAnswer } from './label-answer.ts'
import { scanOverviews } from './scan-overview.ts'

/** How Harbor writes that something never happened. */
const never = '0001-01-01T00:00:00.000Z'

/** Lists that hold nothing, or that were not asked for, are null. */
type Nullable<K extends keyof Answer> = { readonly [key in K]: Answer[key] | null }
export type ArtifactAnswer = Omit<Answer, 'tags' | 'labels' | 'accessories' | 'references'> &
  Nullable<'tags' | 'labels' | 'accessories' | 'references'>

/** What of an artifact is asked for beside itself. */
export interface With {
  readonly with_tag?: boolean
  readonly with_label?: boolean
  readonly with_accessory?: boolean
  readonly with_scan_overview?: boolean
}

/** A few queries for all of the artifacts, however many they are. `accept`: the forms of reports that the client reads. */
export async function artifactAnswers(
  deps: Pick<ApiDeps, 'pool' | 'facts'>,
  artifacts: readonly Artifact[],
  wanted: With,
  accept: string | undefined,
): Promise<ArtifactAnswer[]> {
  const db = deps.pool
  const indexes = artifacts.filter(({ configDigest }) => configDigest === null)
  const digests = artifacts.map(({ digest }) => digest)
  const [tags, labels, accessories, references, overviews] = await Promise.all([
    wanted.with_tag && artifacts.length > 0 ? tagsOf(db, artifacts) : new Map<number, TagDetail[]>(),
    wanted.with_label && artifacts.length > 0 ? labelsOf(db, artifacts) : new Map<number, Label[]>(),
    wanted.with_accessory && artifacts.length > 0 ? accessoriesOf(db, artifacts) : new Map<number, AccessoryDetail[]>(),
    indexes.length > 0 ? referencesOf(db, indexes) : new Map<number, ReferenceDetail[]>(),
    wanted.with_scan_overview && digests.length > 0 ? scanOverviews(deps, digests, accept) : undefined,
  ])
  return artifacts.map((artifact) => {
    const { id, repository } = artifact
    const links = additionLinks(artifact)
    const overview = overviews?.get(artifact.digest)
    return {
      id,
      type: artifact.kind,
      media_type: artifact.mediaType,
      manifest_media_type: artifact.manifestMediaType,
      artifact_type: artifact.artifactType,
      project_id: artifact.projectId,
      repository_id: artifact.repositoryId,
      repository_name: repository,
      digest: artifact.digest,
      size: artifact.size,
      push_time: artifact.pushedAt.toISOString(),
      pull_time: artifact.pulledAt?.toISOString() ?? never,
      ...(artifact.attributes ? { extra_attrs: artifact.attributes } : {}),
      ...(artifact.annotations ? { annotations: artifact.annotations } : {}),
      ...(links ? { addition_links: links } : {}),
      ...(overview ? { scan_overview: overview } : {}),
      references: references.get(id)?.map((reference) => referenceAnswer(id, reference)) ?? null,
      tags: tags.get(id)?.map(tagAnswer) ?? null,
      labels: labels.get(id)?.map(labelAnswer) ?? null,
      accessories: accessories.get(id)?.map((accessory) => accessoryAnswer(repository, accessory)) ?? null,
    }
  })
}

/** Undefined where there is nothing to add; a name with slashes is escaped twice, as clients escape it. */
function additionLinks(artifact: Artifact): AdditionLinks | undefined {
  const [project = '', ...rest] = artifact.repository.split('/')
  const name = encodeURIComponent(encodeURIComponent(rest.join('/')))
  const path = `/api/v2.0/projects/${project}/repositories/${name}/artifacts/${artifact.digest}/additions`
  const names = linkedAdditionsOf(artifact)
  if (names.length === 0) return undefined
  return Object.fromEntries(names.map((addition) => [addition, { absolute: false, href: `${path}/${addition}` }]))
}

export function tagAnswer(tag: TagDetail): Tag {
  return {
    id: tag.id,
    repository_id: tag.repositoryId,
    artifact_id: tag.artifactId,
    name: tag.name,
    push_time: tag.pushedAt.toISOString(),
    pull_time: tag.pulledAt?.toISOString() ?? never,
    immutable: false,
  }
}

export function accessoryAnswer(repository: string, accessory: AccessoryDetail): Accessory {
  return {
    id: accessory.id,
    artifact_id: accessory.artifactId,
    subject_artifact_id: accessory.subjectId,
    subject_artifact_digest: accessory.subject,
    subject_artifact_repo: repository,
    size: accessory.size,
    digest: accessory.digest,
    type: accessory.type,
    icon: '',
    creation_time: accessory.createdAt.toISOString(),
  }
}

function referenceAnswer(parent: number, { child, childId, platform, annotations }: ReferenceDetail): Reference {
  return {
    parent_id: parent,
    child_id: childId,
    child_digest: child,
    ...(platform ? { platform } : {}),
    ...(annotations ? { annotations } : {}),
  }
}
