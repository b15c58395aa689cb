import { createHash } from 'node:crypto'
import { pipeline, type Readable, Transform, Writable } from 'node:stream'
import { pipeline as finished } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { type ArchivedFile, filesOf, type Manifest } from './manifest.ts'

/** Where files are put before a manifest says that they belong together. */
export interface ArchiveWriter {
  /** Durable once it resolves. A name is written once. */
  write(name: string, bytes: AsyncIterable<Buffer>): Promise<void>
}

export interface ArchiveReader {
  /** For people: which archive it is, and where. */
  readonly where: string
  readonly manifest: Manifest
  /** The bytes as they were written; fails where the file is not there. */
  open(file: ArchivedFile): Readable
}

/** Stores a stream, compressed unless that is not wanted, and returns what the manifest says of the file. */
export async function writeFile(
  archive: ArchiveWriter,
  name: string,
  content: Readable,
  { compress = true } = {},
): Promise<ArchivedFile> {
  const measure = new Measure()
  const stored = compress ? [createZstdCompress(), measure] : [measure]
  const writing = new Promise<void>((resolve, reject) => {
    pipeline([content, ...stored], (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
  writing.catch(() => undefined) // a failed read fails the write too; awaited below
  await archive.write(name, measure)
  await writing
  return { name, ...measure.result() }
}

/** The content of a file. The stream fails at its end where the bytes are not those that were written. */
export function readFile(archive: ArchiveReader, file: ArchivedFile, { compressed = true } = {}): Readable {
  const check = new Measure(file, archive.where)
  const source = archive.open(file)
  const ignore = () => undefined // the error reaches whoever reads the last stream
  return compressed ? pipeline(source, check, createZstdDecompress(), ignore) : pipeline(source, check, ignore)
}

/** Reads every file and compares it with the manifest; a sentence for each that is wrong. */
export async function checkFiles(archive: ArchiveReader): Promise<string[]> {
  const problems: string[] = []
  for (const file of filesOf(archive.manifest)) {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
    await finished(readFile(archive, file, { compressed: false }), nowhere).catch((error: Error) => {
      problems.push(error.message)
    })
  }
  return problems
}

/** Passes bytes on, and tells their number and hash; with `expected`, fails where those are others. */
class Measure extends Transform {
  readonly #hash = createHash('sha256')
  readonly #expected: ArchivedFile | undefined
  readonly #where: string
  #size = 0

  constructor(expected?: ArchivedFile, where = '') {
    super()
    this.#expected = expected
    this.#where = where
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk)
    this.#size += chunk.length
    done(null, chunk)
  }

  override _flush(done: (error?: Error) => void): void {
    const fault = this.#expected && this.#compare(this.#expected)
    if (fault === undefined) done()
    else done(new Error(`${this.#where} is damaged: ${fault}.`))
  }

  #compare({ name, size, sha256 }: ArchivedFile): string | undefined {
    if (this.#size !== size) return `${name} has ${this.#size} bytes, not ${size}`
    return this.#hash.digest('hex') === sha256 ? undefined : `${name} does not match its checksum`
  }

  /** Once everything has passed. */
  result(): { size: number; sha256: string } {
    return { size: this.#size, sha256: this.#hash.digest('hex') }
  }
}
