/**
 * How blobs go to a reader: each piece after its length in four bytes, and a length of nothing at the end of a blob, so
 * that one stream carries many.
 */
export function frameHeader(length: number): Buffer {
  const header = Buffer.allocUnsafe(4)
  header.writeUInt32BE(length)
  return header
}

export const endOfBlob = frameHeader(0)

const largestPiece = 1 << 20

/** Takes blobs from such a stream, one after the other. */
export class Frames {
  readonly #pieces: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes of the frame still to come. */
  #left = 0
  #ended = true

  constructor(pieces: AsyncIterator<Buffer>) {
    this.#pieces = pieces
  }

  /** The bytes of the next blob. Whoever leaves early calls `skip` before the one after. */
  async *blob(): AsyncGenerator<Buffer> {
    this.#ended = false
    while (!this.#ended) {
      if (this.#left === 0) {
        this.#left = await this.#length()
        this.#ended = this.#left === 0
      } else {
        yield await this.#fill(Buffer.allocUnsafeSlow(Math.min(this.#left, largestPiece)))
      }
    }
  }

  async skip(): Promise<void> {
    if (this.#ended) return
    for await (const piece of this.blob()) void piece
  }

  /** A pipe gives small pieces, and each costs whoever unpacks them a trip between threads. */
  async #fill(piece: Buffer): Promise<Buffer> {
    for (let filled = 0; filled < piece.length; ) {
      if (this.#rest.length === 0) this.#rest = await this.#next()
      const taken = this.#rest.copy(piece, filled)
      filled += taken
      this.#left -= taken
      this.#rest = this.#rest.subarray(taken)
    }
    return piece
  }

  async #length(): Promise<number> {
    while (this.#rest.length < 4) this.#rest = Buffer.concat([this.#rest, await this.#next()])
    const length = this.#rest.readUInt32BE()
    this.#rest = this.#rest.subarray(4)
    return length
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#pieces.next()
    if (done) throw new Error('the stream ends in the middle of a blob')
    return value
  }
}
