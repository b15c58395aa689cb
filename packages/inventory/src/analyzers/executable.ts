import type { Sink } from '../tar-reader.ts'
import type { Facts } from './analyzer.ts'
import { goPackages, mayBeBuildInfo } from './go-build-info.ts'

const goMagic = Buffer.from('\xff Go buildinf:', 'latin1')
/** Where Rust programs built with cargo-auditable keep their dependencies. */
const rustMagic = Buffer.from('.dep-v0', 'latin1')
const alignment = 16
const headerBytes = 32
/** Of the two strings that follow the header: of the largest programs seen, a tenth. */
const largestInfo = 1 << 20
/** Bytes at the end of a piece that may begin what is looked for. */
const overlap = headerBytes

const programs = [
  Buffer.from([0x7f, 0x45, 0x4c, 0x46]), // ELF
  Buffer.from([0x4d, 0x5a]), // PE
  Buffer.from([0xfe, 0xed, 0xfa, 0xce]), // Mach-O, in four orders, and for several machines
  Buffer.from([0xfe, 0xed, 0xfa, 0xcf]),
  Buffer.from([0xce, 0xfa, 0xed, 0xfe]),
  Buffer.from([0xcf, 0xfa, 0xed, 0xfe]),
  Buffer.from([0xca, 0xfe, 0xba, 0xbe]),
]

/** Whether the file begins as a program of some operating system. */
function isProgram(head: Buffer): boolean {
  return programs.some((magic) => head.subarray(0, magic.length).equals(magic))
}

/**
 * Looks for Go's build information while a file passes by: it may be far larger than memory. Go's linker puts it at a
 * multiple of 16 (debug/buildinfo).
 */
export class ExecutableSink implements Sink {
  readonly #done: (facts: Facts) => void
  #position = 0
  #tail: Buffer = Buffer.alloc(0)
  #program: boolean | undefined
  #rust = false
  #candidate: Buffer[] | undefined
  #candidateBytes = 0
  #facts: Facts | undefined

  constructor(done: (facts: Facts) => void) {
    this.#done = done
  }

  write(chunk: Buffer): void {
    if (this.#program === false || this.#facts) return
    // The end of the piece before stands in front, so that nothing is missed between two.
    const bytes = this.#tail.length > 0 ? Buffer.concat([this.#tail, chunk]) : chunk
    const start = this.#position - this.#tail.length
    this.#position += chunk.length
    if (this.#program === undefined) {
      if (bytes.length < 4) {
        this.#tail = Buffer.from(bytes)
        return
      }
      this.#program = isProgram(bytes)
      if (!this.#program) return
    }
    if (this.#candidate) this.#gather(chunk)
    else this.#search(bytes, start)
    this.#rust ||= bytes.includes(rustMagic)
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - overlap)))
  }

  end(): void {
    while (this.#candidate) this.#judge()
    if (this.#facts) this.#done(this.#facts)
    else if (this.#rust) this.#done({ notCovered: 'rustbinary' })
  }

  #search(bytes: Buffer, start: number): void {
    for (let at = bytes.indexOf(goMagic); at >= 0; at = bytes.indexOf(goMagic, at + 1)) {
      if ((start + at) % alignment !== 0 || !mayBeBuildInfo(bytes.subarray(at))) continue
      this.#candidate = []
      this.#candidateBytes = 0
      this.#gather(bytes.subarray(at))
      if (this.#candidate) return
    }
  }

  #gather(bytes: Buffer): void {
    this.#candidate?.push(Buffer.from(bytes.subarray(0, largestInfo - this.#candidateBytes)))
    this.#candidateBytes += bytes.length
    if (this.#candidateBytes >= largestInfo) this.#judge()
  }

  /** The words of the magic may stand in a program for another reason; then the search goes on. */
  #judge(): void {
    if (!this.#candidate) return
    const bytes = Buffer.concat(this.#candidate)
    this.#candidate = undefined
    this.#facts = goPackages(bytes)
    if (!this.#facts) this.#search(bytes.subarray(alignment), 0)
  }
}
