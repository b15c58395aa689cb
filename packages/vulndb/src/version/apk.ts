/**
 * Alpine's order of versions, `digits{.digits}[letter]{_suffix[number]}[-rN]` (apk-package(5)). A version is a row of
 * tokens, each with a value; what follows it decides only where the values are equal.
 */
const end = 6
const invalid = -1
const kinds = { digitsOrZero: 0, digits: 1, letter: 2, suffix: 3, suffixNumber: 4, revision: 5 } as const

interface Token {
  readonly kind: number
  readonly value: number
}

/** Before a release, then after it, each in their order. */
const preSuffixes = ['alpha', 'beta', 'pre', 'rc', 'b']
const postSuffixes = ['cvs', 'svn', 'git', 'hg', 'p']

export interface ApkVersion {
  readonly tokens: readonly Token[]
}

/** Undefined where the text is no version. */
export function parseApk(text: string): ApkVersion | undefined {
  const tokens: Token[] = []
  let kind: number = kinds.digits
  let at = 0
  while (kind !== end) {
    const read = readValue(text, at, kind)
    if (read === undefined) return undefined
    tokens.push({ kind, value: read.value })
    at = read.next
    if (at >= text.length) kind = end
    else if (read.zeros) kind = kinds.digits
    else {
      const following = nextKind(text, at, kind)
      if (following === undefined) return undefined
      kind = following.kind
      at = following.next
    }
  }
  return { tokens }
}

/** Where one version goes on and the other does not, the longer is newer, unless it goes on with a pre-release. */
export function compareApk(a: ApkVersion, b: ApkVersion): number {
  for (let index = 0; ; index += 1) {
    const left = a.tokens[index]
    const right = b.tokens[index]
    if (left === undefined && right === undefined) return 0
    if (left?.kind !== right?.kind) return differentKinds(left, right)
    const order = (left?.value ?? 0) - (right?.value ?? 0)
    if (order !== 0) return order
  }
}

function differentKinds(left: Token | undefined, right: Token | undefined): number {
  if (left?.kind === kinds.suffix && left.value < 0) return -1
  if (right?.kind === kinds.suffix && right.value < 0) return 1
  return (right?.kind ?? end) - (left?.kind ?? end)
}

interface Read {
  readonly value: number
  readonly next: number
  /** Leading zeros after a dot count by themselves, then the number does: 1.01 is older than 1.1. */
  readonly zeros: boolean
}

function readValue(text: string, at: number, kind: number): Read | undefined {
  if (kind === kinds.letter) return { value: text.charCodeAt(at), next: at + 1, zeros: false }
  if (kind === kinds.suffix) return readSuffix(text, at)
  if (kind === kinds.digitsOrZero && text[at] === '0') {
    let last = at
    while (text[last + 1] === '0') last += 1
    return { value: at - last, next: last, zeros: true }
  }
  let next = at
  while (isDigit(text[next])) next += 1
  return { value: Number(text.slice(at, next)), next, zeros: false }
}

function readSuffix(text: string, at: number): Read | undefined {
  const pre = preSuffixes.findIndex((suffix) => text.startsWith(suffix, at))
  if (pre >= 0) return { value: pre - preSuffixes.length, next: at + (preSuffixes[pre]?.length ?? 0), zeros: false }
  const post = postSuffixes.findIndex((suffix) => text.startsWith(suffix, at))
  if (post < 0) return undefined
  return { value: post, next: at + (postSuffixes[post]?.length ?? 0), zeros: false }
}

function nextKind(text: string, at: number, kind: number): { kind: number; next: number } | undefined {
  const found = kindAt(text, at, kind)
  if (found.kind === invalid) return undefined
  // Kinds only ever go up, but for these three.
  const mayGoDown =
    (found.kind === kinds.digitsOrZero && kind === kinds.digits) ||
    (found.kind === kinds.suffix && kind === kinds.suffixNumber) ||
    (found.kind === kinds.digits && kind === kinds.letter)
  return found.kind >= kind || mayGoDown ? found : undefined
}

function kindAt(text: string, at: number, kind: number): { kind: number; next: number } {
  const character = text[at] ?? ''
  if ((kind === kinds.digits || kind === kinds.digitsOrZero) && /^\p{Ll}$/u.test(character)) {
    return { kind: kinds.letter, next: at }
  }
  if (kind === kinds.letter && isDigit(character)) return { kind: kinds.digits, next: at }
  if (kind === kinds.suffix && isDigit(character)) return { kind: kinds.suffixNumber, next: at }
  if (character === '.') return { kind: kinds.digitsOrZero, next: at + 1 }
  if (character === '_') return { kind: kinds.suffix, next: at + 1 }
  if (character === '-' && at + 1 < text.length) return { kind: kinds.revision, next: at + 2 }
  return { kind: invalid, next: at }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}
