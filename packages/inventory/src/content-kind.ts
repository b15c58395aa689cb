const kinds: readonly (readonly [magic: string, kind: string])[] = [
  ['\x7fELF', 'a program (ELF)'],
  ['MZ', 'a program of Windows'],
  ['hsqs', 'a file system (squashfs)'],
  ['PK\x03\x04', 'a zip archive'],
  ['BZh', 'compressed with bzip2'],
  ['\xfd7zXZ\0', 'compressed with xz'],
  ['{', 'a JSON document'],
  ['GGUF', 'a model (GGUF)'],
]

/** What a blob is that can't be unpacked, by the first bytes, in words for a person. */
export function describeContent(head: Buffer): string {
  const text = head.toString('latin1')
  return kinds.find(([magic]) => text.startsWith(magic))?.[1] ?? 'something else'
}
