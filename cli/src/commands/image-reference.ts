import { parseReference, parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import { UsageError } from '../usage-error.ts'

/** What somebody means by an image of the registry that is asked. */
export interface NamedImage {
  /** With the project. */
  readonly repository: RepositoryName
  /** A tag or a digest. */
  readonly reference: string
}

/** Reads `project/name:tag`, `project/name@digest` or either behind a host, as container engines take them. */
export function readImage(text: string): NamedImage {
  const [, name = '', tag, digest] = /^([^@]+?)(?::([^:/@]+))?(?:@(.+))?$/.exec(text) ?? []
  const [first = '', ...rest] = name.split('/')
  const repository = parseRepositoryName(isHost(first) && rest.length > 0 ? rest.join('/') : name)
  const reference = digest ?? tag ?? 'latest'
  if (!repository?.includes('/') || !parseReference(reference)) {
    throw new UsageError(`"${text}" is no image: write project/name:tag or project/name@sha256:…`)
  }
  return { repository, reference }
}

function isHost(segment: string): boolean {
  return segment === 'localhost' || /[.:]/.test(segment)
}
