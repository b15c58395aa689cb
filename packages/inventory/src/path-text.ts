import { isUtf8 } from 'node:buffer'

const replacement = '\ufffd'
const replacementBytes = Buffer.from(replacement)

/**
 * A name as text. To engines names are bytes, so two that differ have to differ here: a byte that is no UTF-8, and each
 * of a replacement character's own, becomes that character and two hexadecimal digits.
 */
export function pathText(bytes: Buffer): string {
  if (isUtf8(bytes) && !bytes.includes(replacementBytes)) return bytes.toString('utf8')
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const character = bytes.subarray(at, at + lengthOf(bytes[at] ?? 0))
    if (isUtf8(character) && !character.equals(replacementBytes)) {
      text += character.toString('utf8')
      at += character.length
    } else {
      text += `${replacement}${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
      at += 1
    }
  }
  return text
}

/** Of the character that begins with this byte. */
function lengthOf(first: number): number {
  if (first < 0xc0) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}

/** Without a leading `/` or `./`, without empty, `.` and `..` parts; undefined where it leaves the root. */
export function cleanPath(raw: string): string | undefined {
  const parts: string[] = []
  for (const part of raw.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    // Above the root is the root itself, if the path says that it begins there.
    else if (parts.pop() === undefined && !raw.startsWith('/')) return undefined
  }
  return parts.join('/')
}
