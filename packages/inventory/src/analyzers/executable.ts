import type { Sink } from '../tar-reader.ts'
import type { Facts } from './analyzer.ts'
import { goPackages, mayBeBuildInfo } from './go-build-info.ts'

const goMagic = Buffer.from('\xff Go buildinf:', 'latin1')
/** Where Rust programs built with cargo-auditable keep their dependencies. */
const rustMagic = Buffer.from('.dep-v0', 'latin1')
const alignment = 16
/** Bytes at the end of a piece that may begin what is looked for. */
const overlap = 64
/** Of the two strings that follow the header: of the largest programs seen, a tenth. */
const largestInfo = 1 << 20
/** Places that look like build information and are none: Go's own tools have a few. */
const mostDecoys = 1_000

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
  /** What may begin build information, and where in the file that is. */
  #held: Buffer = Buffer.alloc(0)
  #position = 0
  #program: boolean | undefined
  #rust = false
  #decoys = 0
  #facts: Facts | undefined

  constructor(done: (facts: Facts) => void) {
    this.#done = done
  }

  write(chunk: Buffer): void {
    if (this.#program === false || this.#facts) return
    const bytes = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk
    if (this.#program === undefined && bytes.length >= 4) this.#program = isProgram(bytes)
    if (this.#program === false) return
    this.#rust ||= bytes.includes(rustMagic, Math.max(0, this.#held.length - rustMagic.length))
    const kept = this.#program ? this.#search(bytes, false) : 0
    // A copy: the piece is part of a larger one that is used again.
    this.#held = Buffer.from(bytes.subarray(kept))
    this.#position += kept
  }

  end(): void {
    if (this.#program && !this.#facts) this.#search(this.#held, true)
    if (this.#facts) this.#done(this.#facts)
    else if (this.#rust) this.#done({ notCovered: 'rustbinary' })
  }

  /** Returns from where on bytes are still needed. */
  #search(bytes: Buffer, whole: boolean): number {
    for (let at = bytes.indexOf(goMagic); at >= 0; at = bytes.indexOf(goMagic, at + 1)) {
      if ((this.#position + at) % alignment !== 0 || !mayBeBuildInfo(bytes.subarray(at))) continue
      const all = whole || bytes.length - at >= largestInfo
      this.#facts = goPackages(bytes.subarray(at, at + largestInfo), all)
      if (this.#facts) return bytes.length
      if (!all) return at
      this.#decoys += 1
      if (this.#decoys >= mostDecoys) {
        this.#facts = { partial: 'what it is built of could not be told' }
        return bytes.length
      }
    }
    return Math.max(0, bytes.length - overlap)
  }
}
