/** Longer ones are cut: nothing that is looked for is that long. */
const longestLine = 64 << 10

/**
 * The lines of a file, each as a string of its own: parts of one long string would keep all of it in memory. Without
 * their ends (`\n`, `\r\n`).
 */
export function* linesOf(content: Buffer): Generator<string> {
  for (let at = 0; at < content.length; ) {
    const found = content.indexOf(0x0a, at)
    const next = found < 0 ? content.length : found
    const end = content[next - 1] === 0x0d && next > at ? next - 1 : next
    yield content.toString('utf8', at, Math.min(end, at + longestLine))
    at = next + 1
  }
}
