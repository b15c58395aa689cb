import { foldCase } from './case-fold.ts'
import { type KeyShape, plainRecord } from './key-shape.ts'

/** Ends the scan with the reason for which the text is refused. */
export type Refuse = (reason: string) => never

interface Frame {
  shape: KeyShape
  isObject: boolean
  awaitsKey: boolean
  valueShape: KeyShape
  readonly seen: Set<string>
}

const code = {
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  upperE: 0x45,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  lowerE: 0x65,
  openObject: 0x7b,
  closeObject: 0x7d,
}

/**
 * Refuses a JSON text for what JSON.parse lets pass: duplicate and case-folded keys, depth, number of keys and
 * containers, integers that a double cannot hold. One pass, no recursion. Exact for every valid JSON text; one that is
 * not valid may pass, so JSON.parse must have its word too.
 */
export function scanKeys(text: string, shape: KeyShape, maxDepth: number, maxKeys: number, refuse: Refuse): void {
  const frames: Frame[] = []
  let depth = 0
  let frame: Frame | undefined
  let left = maxKeys
  const spend = () => {
    left -= 1
    if (left < 0) refuse(`more than ${maxKeys} keys, objects and arrays`)
  }

  const open = (isObject: boolean) => {
    spend()
    if (depth === maxDepth) refuse(`nested deeper than ${maxDepth} levels`)
    const inner = frame ? frame.valueShape : shape
    frame = frames[depth] ??= { shape, isObject, awaitsKey: isObject, valueShape: shape, seen: new Set() }
    depth += 1
    frame.shape = inner
    frame.isObject = isObject
    frame.awaitsKey = isObject
    frame.valueShape = inner
    // Frames are reused, because a million empty objects must not cost a million sets.
    if (frame.seen.size > 0) frame.seen.clear()
  }

  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char === code.quote) {
      const end = closingQuote(text, at)
      if (end === -1) return
      if (frame?.awaitsKey) {
        spend()
        frame.awaitsKey = false
        frame.valueShape = takeKey(frame.shape, frame.seen, stringValue(text.slice(at, end + 1)), refuse)
      }
      at = end
    } else if (char === code.comma) {
      if (frame) frame.awaitsKey = frame.isObject
    } else if (char === code.openObject || char === code.openArray) {
      open(char === code.openObject)
    } else if (char === code.closeObject || char === code.closeArray) {
      if (depth === 0) return
      depth -= 1
      frame = frames[depth - 1]
    } else if (char === code.minus || (char >= code.zero && char <= code.nine)) {
      const end = numberEnd(text, at)
      checkNumber(text, at, end, refuse)
      at = end - 1
    }
  }
}

/** Notes a key of an object and returns the shape of its value. */
function takeKey(shape: KeyShape, seen: Set<string>, key: string, refuse: Refuse): KeyShape {
  if (shape === 'map' || shape === 'data') {
    if (seen.has(key)) refuse(`duplicate key ${quoted(key)}`)
    seen.add(key)
    return shape === 'data' ? shape : plainRecord
  }
  const fold = foldCase(key)
  if (seen.has(fold)) refuse(`key ${quoted(key)} appears twice in one object, or with other upper and lower case`)
  seen.add(fold)
  const known = shape.byFold.get(fold)
  if (known !== undefined && known !== key) refuse(`key ${quoted(key)} must be spelt ${quoted(known)}`)
  return shape.known.get(key) ?? plainRecord
}

/** The place of the quote that ends the string which begins at `start`, or -1. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end
    while (text.charCodeAt(before - 1) === code.backslash) before -= 1
    if ((end - before) % 2 === 0) return end
  }
  return -1
}

/** The value of a string token. One that is no JSON gives itself: JSON.parse will refuse the whole text. */
function stringValue(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1)
  try {
    return String(JSON.parse(token))
  } catch {
    return token
  }
}

function numberEnd(text: string, start: number): number {
  let end = start + 1
  while (isNumberPart(text.charCodeAt(end))) end += 1
  return end
}

function isNumberPart(char: number): boolean {
  return (
    (char >= code.zero && char <= code.nine) ||
    char === code.dot ||
    char === code.minus ||
    char === code.plus ||
    char === code.lowerE ||
    char === code.upperE
  )
}

function checkNumber(text: string, start: number, end: number, refuse: Refuse): void {
  const value = Number(text.slice(start, end))
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    refuse(`number ${text.slice(start, Math.min(end, start + 32))} is too large`)
}

function quoted(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key)
}
