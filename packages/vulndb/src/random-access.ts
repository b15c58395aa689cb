/** Bytes that can be read from any place. A read within `size` returns exactly `length` bytes, else it throws. */
export interface RandomAccess {
  /** In bytes. */
  readonly size: number
  read(position: number, length: number): Buffer
}

/** Bytes in memory, read without copying. */
export function bytesAccess(bytes: Buffer): RandomAccess {
  return {
    size: bytes.length,
    read(position, length) {
      if (position < 0 || length < 0 || position + length > bytes.length) throw new RangeError('read outside the bytes')
      return bytes.subarray(position, position + length)
    },
  }
}
