import {
  type Digest,
  parseDigest,
  parseReference,
  parseRepositoryName,
  RegistryError,
  type RepositoryName,
  type Tag,
} from '@breakwater/oci'

export type ManifestReference =
  | { readonly kind: 'tag'; readonly tag: Tag }
  | { readonly kind: 'digest'; readonly digest: Digest }

/** What a path under /v2/ names. */
export type Target =
  | { readonly endpoint: 'base' | 'catalog' }
  | { readonly endpoint: 'manifest'; readonly name: RepositoryName; readonly reference: ManifestReference }
  | { readonly endpoint: 'blob' | 'referrers'; readonly name: RepositoryName; readonly digest: Digest }
  | { readonly endpoint: 'uploads' | 'tags'; readonly name: RepositoryName }
  | { readonly endpoint: 'upload'; readonly name: RepositoryName; readonly id: string }

const uploadId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Reads a path (without its query) from the right, because names hold slashes and may hold words like `blobs`.
 * Undefined where no endpoint has this form; an error where one has and a part of it is malformed.
 */
export function parsePath(path: string): Target | undefined {
  if (path === '/v2/' || path === '/v2') return { endpoint: 'base' }
  if (path === '/v2/_catalog') return { endpoint: 'catalog' }
  const segments = path.slice('/v2/'.length).split('/').map(decode)
  const last = segments.at(-1) ?? ''
  const before = segments.at(-2)
  if (before === 'uploads' && segments.at(-3) === 'blobs') {
    const name = nameOf(segments.slice(0, -3))
    if (last === '') return { endpoint: 'uploads', name }
    if (!uploadId.test(last))
      throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', { detail: last })
    return { endpoint: 'upload', name, id: last }
  }
  const rest = segments.slice(0, -2)
  if (before === 'blobs') {
    if (last === 'uploads') return { endpoint: 'uploads', name: nameOf(rest) }
    return { endpoint: 'blob', name: nameOf(rest), digest: digestOf(last) }
  }
  if (before === 'manifests') return { endpoint: 'manifest', name: nameOf(rest), reference: referenceOf(last) }
  if (before === 'referrers') return { endpoint: 'referrers', name: nameOf(rest), digest: digestOf(last) }
  if (before === 'tags' && last === 'list') return { endpoint: 'tags', name: nameOf(rest) }
  return undefined
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new RegistryError('NAME_INVALID', 'the path is not valid percent-encoding', { detail: segment })
  }
}

function nameOf(segments: readonly string[]): RepositoryName {
  const text = segments.join('/')
  const name = segments.some((segment) => segment.includes('/')) ? undefined : parseRepositoryName(text)
  // A project comes first, then the repository in it.
  if (!name?.includes('/'))
    throw new RegistryError('NAME_INVALID', `invalid repository name: ${text}`, { detail: { name: text } })
  return name
}

function digestOf(text: string): Digest {
  const digest = parseDigest(text)
  if (!digest)
    throw new RegistryError('DIGEST_INVALID', 'invalid digest: it takes sha256 or sha512 and lower-case hex', {
      detail: text,
    })
  return digest
}

function referenceOf(text: string): ManifestReference {
  const reference = parseReference(text)
  if (reference) return reference
  if (text.includes(':')) return { kind: 'digest', digest: digestOf(text) }
  throw new RegistryError(
    'MANIFEST_INVALID',
    'invalid reference format: a tag has up to 128 letters, digits, `_`, `.` and `-`',
    {
      detail: text,
    },
  )
}
