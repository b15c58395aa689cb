import { Readable } from 'node:stream'
import type { Digest } from '@breakwater/oci'
import type { BlobReads } from './store.ts'

/** A blob of the store as a stream, which fails as `read` does. Nothing is read before somebody wants it. */
export function blobStream(store: Pick<BlobReads, 'read'>, digest: Digest, size: number): Readable {
  let begun = false
  let goOn: () => void = () => undefined
  const sink = async (chunk: Buffer) => {
    if (stream.destroyed) throw new Error('the reader has ended')
    const wanted = new Promise<void>((resolve) => {
      goOn = resolve
    })
    // The store uses its buffer again.
    if (!stream.push(Buffer.from(chunk))) await wanted
  }
  const stream = new Readable({
    read() {
      goOn()
      if (begun) return
      begun = true
      const reading = size === 0 ? Promise.resolve() : store.read(digest, 0, size - 1, sink)
      reading.then(
        () => stream.push(null),
        (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
      )
    },
    destroy(error, done) {
      goOn()
      done(error)
    },
  })
  return stream
}
