import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { RandomAccess } from './random-access.ts'

/** An open file; dispose it to close it. */
export interface FileAccess extends RandomAccess, Disposable {}

/**
 * Opens a file for positional reads, so that a database of any size needs no memory of its size. Throws what the
 * system says when it can't be opened, and a RangeError when a file ends earlier than it did when it was opened.
 */
export function openFileAccess(path: string): FileAccess {
  const descriptor = openSync(path, 'r')
  return {
    size: fstatSync(descriptor).size,
    read(position, length) {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const count = readSync(descriptor, bytes, filled, length - filled, position + filled)
        if (count === 0) throw new RangeError('the file ends before the read does')
        filled += count
      }
      return bytes
    },
    [Symbol.dispose]() {
      closeSync(descriptor)
    },
  }
}
