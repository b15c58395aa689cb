import { RegistryError } from '@breakwater/oci'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePath } from './path.ts'

const digest = `sha256:${'a'.repeat(64)}`
const id = '01234567-89ab-cdef-0123-456789abcdef'

function codeOf(path: string): string | undefined {
  try {
    parsePath(path)
    return undefined
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}

describe('a path', () => {
  it.each([
    ['/v2', { endpoint: 'base' }],
    ['/v2/', { endpoint: 'base' }],
    ['/v2/_catalog', { endpoint: 'catalog' }],
    ['/v2/a/b/manifests/v1', { endpoint: 'manifest', name: 'a/b', reference: { kind: 'tag', tag: 'v1' } }],
    [`/v2/a/b/manifests/${digest}`, { endpoint: 'manifest', name: 'a/b', reference: { kind: 'digest', digest } }],
    [`/v2/a/b/blobs/${digest}`, { endpoint: 'blob', name: 'a/b', digest }],
    [`/v2/a/b/blobs/sha256%3A${'a'.repeat(64)}`, { endpoint: 'blob', name: 'a/b', digest }],
    [`/v2/a/b/referrers/${digest}`, { endpoint: 'referrers', name: 'a/b', digest }],
    ['/v2/a/b/tags/list', { endpoint: 'tags', name: 'a/b' }],
    ['/v2/a/b/blobs/uploads', { endpoint: 'uploads', name: 'a/b' }],
    ['/v2/a/b/blobs/uploads/', { endpoint: 'uploads', name: 'a/b' }],
    [`/v2/a/b/blobs/uploads/${id}`, { endpoint: 'upload', name: 'a/b', id }],
    ['/v2/a/blobs/uploads/tags/list', { endpoint: 'tags', name: 'a/blobs/uploads' }],
    ['/v2/a/b/unknown', undefined],
    ['/v2/a', undefined],
    ['/v2/tags/list/x', undefined],
  ])('%s', (path, target) => {
    expect(parsePath(path)).toEqual(target)
  })

  it.each([
    ['/v2/a/manifests/v1', 'NAME_INVALID'],
    ['/v2/manifests/v1', 'NAME_INVALID'],
    ['/v2/a/B/tags/list', 'NAME_INVALID'],
    ['/v2/a/b%2fc/tags/list', 'NAME_INVALID'],
    ['/v2/a/%zz/tags/list', 'NAME_INVALID'],
    ['/v2/a//b/tags/list', 'NAME_INVALID'],
    ['/v2/a/b/blobs/sha256:x', 'DIGEST_INVALID'],
    ['/v2/a/b/blobs/v1', 'DIGEST_INVALID'],
    ['/v2/a/b/manifests/md5:00', 'DIGEST_INVALID'],
    ['/v2/a/b/manifests/', 'MANIFEST_INVALID'],
    ['/v2/a/b/manifests/-x', 'MANIFEST_INVALID'],
    ['/v2/a/b/blobs/uploads/1', 'BLOB_UPLOAD_UNKNOWN'],
    [`/v2/a/b/blobs/uploads/${id.toUpperCase()}`, 'BLOB_UPLOAD_UNKNOWN'],
  ])('%s is refused', (path, code) => {
    expect(codeOf(path)).toBe(code)
  })
})

it('any path has a meaning, none, or an error of the specification', () => {
  const segment = fc.oneof(
    fc.constantFrom('blobs', 'uploads', 'manifests', 'tags', 'list', 'referrers', digest, id, '', '%2f', '%'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  const property = fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
    codeOf(`/v2/${segments.join('/')}`)
  })
  fc.assert(property, { numRuns: 500 })
})

it('a name and an endpoint are found again in the path that they make', () => {
  const component = fc.stringMatching(/^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/).filter((text) => text.length < 20)
  const name = fc.array(component, { minLength: 2, maxLength: 5 }).map((parts) => parts.join('/'))
  const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}$/)
  const property = fc.property(name, tag, (repository, text) => {
    expect(parsePath(`/v2/${repository}/manifests/${text}`)).toEqual({
      endpoint: 'manifest',
      name: repository,
      reference: { kind: 'tag', tag: text },
    })
    expect(parsePath(`/v2/${repository}/blobs/${digest}`)).toEqual({ endpoint: 'blob', name: repository, digest })
  })
  fc.assert(property)
})
