import { ContentMissing, type Sink, StoreUnavailable } from '../store.ts'
import type { Answer, Bucket } from './bucket.ts'
import { readDirectly } from './direct-read.ts'
import { answerWithin, pause, persist } from './retry.ts'

const mostFailures = 5
/** Milliseconds without a byte after which an answer counts as broken off. */
const silence = 30_000

/** The sink failed: the store is not to blame, and is not asked again. */
class SinkFailed extends Error {
  constructor(cause: unknown) {
    super('the sink failed', { cause })
  }
}

/**
 * Sends the bytes `start` to `end` inclusive of an object. The store is read no faster than the sink takes; an answer
 * that breaks off is asked for again from where it stood.
 */
export async function readRange(
  bucket: Bucket,
  key: string,
  { start, end, what }: { readonly start: number; readonly end: number; readonly what: string },
  sink: Sink,
): Promise<void> {
  let position = start
  let failures = 0
  const give = async (chunk: Buffer) => {
    if (chunk.length > end - position + 1) throw new StoreUnavailable(moreThanAsked, undefined)
    await sink(chunk).catch((error: unknown) => {
      throw new SinkFailed(error)
    })
    position += chunk.length
  }
  const ask = async () => (await readDirectly(bucket, key, position, end)) ?? (await bucket.get(key, position, end))
  while (position <= end) {
    const from = position
    let fault: unknown
    try {
      const { body, length } = await persist(bucket, what, ask, answerWithin)
      try {
        checkLength(length, end - position + 1, what)
        await flow(body, give)
      } finally {
        body.destroy()
      }
    } catch (error) {
      if (error instanceof SinkFailed) throw error.cause
      if (error instanceof ContentMissing || error instanceof StoreUnavailable) throw error
      fault = error
    }
    if (position > end) return
    failures = position > from ? 1 : failures + 1
    if (failures > mostFailures) throw new StoreUnavailable('the blob store breaks its answers off', fault)
    await pause(failures)
  }
}

/** Ends the body where nothing comes for a while; the time that the sink takes does not count. */
async function flow(body: Answer['body'], give: (chunk: Buffer) => Promise<void>): Promise<void> {
  const watch = () => setTimeout(() => body.destroy(new Error('the store sends nothing more')), silence)
  let timer = watch()
  try {
    for await (const chunk of body) {
      clearTimeout(timer)
      await give(chunk)
      timer = watch()
    }
  } finally {
    clearTimeout(timer)
  }
}

const moreThanAsked = 'the blob store sends more than it is asked for'

function checkLength(length: number, asked: number, what: string): void {
  if (length < asked) throw new ContentMissing(`${what}: the end of its bytes`)
  if (length > asked) throw new StoreUnavailable(moreThanAsked, undefined)
}
