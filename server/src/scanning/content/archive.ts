import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'

/** What a data artifact's archive may hold, unpacked. */
export interface ArchiveLimits {
  readonly bytes: number
  readonly entries: number
}

/** An entry, with as many of its first bytes as were asked for. */
export interface ArchiveEntry {
  readonly name: string
  readonly type: 'file' | 'directory'
  readonly size: number
  readonly head: Buffer
}

/** The archive is not what it is said to be, or too large. */
export class NotThis extends Error {
  override readonly name = 'NotThis'
}

const block = 512

/** How the programs begin that a kernel runs, as they can stand nowhere in a text: ELF, and Mach-O in its byte orders. */
const programs = [0x7f454c46, 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe]

/**
 * Reads a gzipped tar of plain files and directories that holds no program. Contents of an archive begin at multiples of
 * 512 bytes, so a program is found even where another reader would see other entries than this one. Throws NotThis.
 */
export async function readArchive(
  bytes: AsyncIterable<Buffer>,
  limits: ArchiveLimits,
  headOf: (name: string) => number,
): Promise<ArchiveEntry[]> {
  const tar = extract()
  const entries = collect(tar, limits.entries, headOf)
  const flow = pipeline(bytes, createGunzip(), guard(limits.bytes), tar)
  const outcomes = await Promise.allSettled([entries, flow])
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue
    // What one of them finds ends the other, with an error that says less.
    const found = outcomes.find((one) => one.status === 'rejected' && one.reason instanceof NotThis)
    throw found?.status === 'rejected'
      ? found.reason
      : new NotThis('it is no gzipped archive', { cause: outcome.reason })
  }
  return entries
}

async function collect(
  tar: ReturnType<typeof extract>,
  limit: number,
  headOf: (name: string) => number,
): Promise<ArchiveEntry[]> {
  const found: ArchiveEntry[] = []
  for await (const entry of tar) {
    const { name, type, size = 0, linkname } = entry.header
    if (type !== 'file' && type !== 'directory') throw new NotThis(`it holds a ${type}`)
    if (linkname) throw new NotThis('it holds a link')
    if (found.length >= limit) throw new NotThis(`it holds more than ${limit} entries`)
    const wanted = Math.max(2, headOf(name))
    const head: Buffer[] = []
    let length = 0
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      if (length < wanted) head.push(Buffer.from(chunk.subarray(0, wanted - length)))
      length += chunk.length
    }
    const first = Buffer.concat(head)
    if (first.subarray(0, 2).toString('latin1') === 'MZ') throw new NotThis('it holds a Windows program')
    found.push({ name, type, size, head: first })
  }
  return found
}

/** Lets bytes pass, up to a limit, while no block of them begins like a program. */
function guard(limit: number): Transform {
  let passed = 0
  let rest: Buffer = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      passed += chunk.length
      if (passed > limit) return done(new NotThis(`it holds more than ${limit} bytes`))
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      const whole = bytes.length - (bytes.length % block)
      for (let at = 0; at < whole; at += block) {
        if (programs.includes(bytes.readUInt32BE(at))) return done(new NotThis('it holds a program'))
      }
      rest = Buffer.from(bytes.subarray(whole))
      done(null, chunk)
    },
  })
}
