import type { Digest } from '@breakwater/oci'
import type { ContentStore } from '../content/index.ts'

/** Larger manifests are taken by nobody (containerd: 8 MiB). */
const largest = 8 << 20

/**
 * Whether a blob is a manifest. containerd asks /blobs/ for a manifest that /manifests/ does not have, so one that was
 * pushed as a blob would be run without ever having been judged (gate.md G2).
 */
export async function holdsManifest(store: Pick<ContentStore, 'read' | 'size'>, blob: Digest): Promise<boolean> {
  const size = await store.size(blob)
  if (size === undefined || size === 0 || size > largest) return false
  const chunks: Buffer[] = []
  let plain = true
  await store.read(blob, 0, size - 1, async (chunk) => {
    if (chunks.length === 0) plain = /^(?:\{|$)/.test(chunk.toString('latin1').trimStart())
    if (plain) chunks.push(Buffer.from(chunk))
  })
  if (!plain) return false
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString())
    return typeof value === 'object' && value !== null && Object.keys(value).some((key) => lists.test(key))
  } catch {
    return false
  }
}

/** Engines find keys regardless of case, also beyond ASCII. */
const lists = /^(?:layer[s\u017f]|manife[s\u017f]t[s\u017f]|fslayer[s\u017f])$/i
