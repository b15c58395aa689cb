/** Read buffers shared by all downloads, so that they do not have to be made and zeroed for each. */
const largeSize = 1 << 20
const smallSize = 1 << 16
const largeCount = 64

const free: Buffer[] = []
let made = 0

/** Two buffers for `length` bytes, or one where it holds them all. Small ones when every large one is lent. */
export function borrowBuffers(length: number): Buffer[] {
  if (length <= smallSize) return [Buffer.allocUnsafe(length)]
  return [borrow(), borrow()]
}

export function returnBuffers(buffers: readonly Buffer[]): void {
  for (const buffer of buffers) if (buffer.length === largeSize) free.push(buffer)
}

function borrow(): Buffer {
  const buffer = free.pop()
  if (buffer) return buffer
  if (made >= largeCount) return Buffer.allocUnsafeSlow(smallSize)
  made += 1
  return Buffer.allocUnsafeSlow(largeSize)
}
