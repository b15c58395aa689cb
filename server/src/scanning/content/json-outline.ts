import { isUtf8 } from 'node:buffer'

/** A member of an object as far as an outline tells: the text of a short string, else the kind of value. */
export type OutlineMember = { readonly text: string } | 'object' | 'array' | 'other'

const maxDepth = 128
/** Longer strings are of no interest. */
const longestText = 1_024

/**
 * The members of a JSON object, where the bytes are one from the first to the last (RFC 8259), else undefined. For texts
 * that are too large to be built up in memory: it takes none, however the text is made.
 */
export function outlineOf(bytes: Buffer): ReadonlyMap<string, OutlineMember> | undefined {
  if (!isUtf8(bytes)) return undefined
  const walk = new Walk(bytes)
  try {
    return walk.document()
  } catch (error) {
    if (error instanceof NotJson) return undefined
    throw error
  }
}

class NotJson extends Error {}

const code = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const
const blanks = [0x20, 0x09, 0x0a, 0x0d]
const escapes = Buffer.from('"\\/bfnrt')
const literals = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')]

class Walk {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  document(): Map<string, OutlineMember> {
    const members = new Map<string, OutlineMember>()
    this.#blank()
    if (this.#peek() !== code.openObject) throw new NotJson()
    this.#object(1, (key, member) => {
      if (members.has(key)) throw new NotJson()
      members.set(key, member)
    })
    this.#blank()
    if (this.#at !== this.#bytes.length) throw new NotJson()
    return members
  }

  #value(depth: number): OutlineMember {
    if (depth > maxDepth) throw new NotJson()
    switch (this.#peek()) {
      case code.openObject:
        this.#object(depth)
        return 'object'
      case code.openArray:
        this.#array(depth)
        return 'array'
      case code.quote: {
        const text = this.#string(depth === 2)
        return text === undefined ? 'other' : { text }
      }
      default:
        this.#plain()
        return 'other'
    }
  }

  #object(depth: number, tell?: (key: string, member: OutlineMember) => void): void {
    this.#list(code.closeObject, () => {
      if (this.#peek() !== code.quote) throw new NotJson()
      const key = this.#string(tell !== undefined)
      this.#blank()
      this.#expect(code.colon)
      this.#blank()
      const member = this.#value(depth + 1)
      if (key !== undefined) tell?.(key, member)
    })
  }

  #array(depth: number): void {
    this.#list(code.closeArray, () => this.#value(depth + 1))
  }

  #list(close: number, item: () => void): void {
    this.#at += 1
    this.#blank()
    if (this.#peek() === close) {
      this.#at += 1
      return
    }
    for (;;) {
      item()
      this.#blank()
      if (this.#peek() === close) break
      this.#expect(code.comma)
      this.#blank()
    }
    this.#at += 1
  }

  /** Passes a string; returns it where it is wanted and short. */
  #string(wanted: boolean): string | undefined {
    const start = this.#at
    this.#at += 1
    for (;;) {
      const byte = this.#peek()
      if (byte === undefined || byte < 0x20) throw new NotJson()
      this.#at += 1
      if (byte === code.quote) break
      if (byte === code.backslash) this.#escape()
    }
    if (!wanted || this.#at - start > longestText) return undefined
    return JSON.parse(this.#bytes.toString('utf8', start, this.#at)) as string
  }

  #escape(): void {
    const byte = this.#peek()
    this.#at += 1
    if (byte !== undefined && escapes.includes(byte)) return
    const digits = this.#bytes.toString('latin1', this.#at, this.#at + 4)
    if (byte !== 0x75 || !/^[\da-fA-F]{4}$/.test(digits)) throw new NotJson()
    this.#at += 4
  }

  #plain(): void {
    const literal = literals.find((one) => this.#bytes.subarray(this.#at, this.#at + one.length).equals(one))
    if (literal) {
      this.#at += literal.length
      return
    }
    const start = this.#at
    while (isNumberPart(this.#peek())) this.#at += 1
    const text = this.#bytes.toString('latin1', start, Math.min(this.#at, start + longestText))
    if (this.#at - start > longestText || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text))
      throw new NotJson()
  }

  #blank(): void {
    for (;;) {
      const byte = this.#peek()
      if (byte === undefined || !blanks.includes(byte)) return
      this.#at += 1
    }
  }

  #expect(byte: number): void {
    if (this.#peek() !== byte) throw new NotJson()
    this.#at += 1
  }

  #peek(): number | undefined {
    return this.#bytes[this.#at]
  }
}

function isNumberPart(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return (
    (byte >= code.zero && byte <= code.nine) ||
    byte === code.dot ||
    byte === code.minus ||
    byte === 0x2b ||
    byte === 0x45 ||
    byte === 0x65
  )
}
