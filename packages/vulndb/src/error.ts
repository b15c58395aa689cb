/**
 * What can be wrong with a vulnerability database, a closed set:
 * - `not-bolt`: no BoltDB file of version 2
 * - `damaged`: an offset, length, page or key order that a sound file can't have
 * - `too-large`: over one of the limits of `limits.ts`
 * - `archive`: the layer is no gzipped tar, or lacks one of the two files
 * - `metadata`: `metadata.json` can't be read
 * - `schema`: a database of another schema version
 * - `content`: a record that is not what its place asks for
 */
export type VulndbErrorCode = 'not-bolt' | 'damaged' | 'too-large' | 'archive' | 'metadata' | 'schema' | 'content'

/** A database that can't be used. The sentence says where; it holds nothing of the record beyond keys. */
export class VulndbError extends Error {
  override readonly name = 'VulndbError'
  readonly code: VulndbErrorCode

  constructor(code: VulndbErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
