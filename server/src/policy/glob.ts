/** Longest pattern, and most parts in it that stand for any number of names. */
const limits = { length: 255, doubleStars: 3 }

/** Why a pattern of repository names cannot be used; undefined where it can. */
export function globProblem(pattern: string): string | undefined {
  if (pattern.length > limits.length) return `has more than ${limits.length} characters`
  if (!/^[a-z0-9._\-/*]+$/.test(pattern)) return 'may hold lower-case letters, digits, . _ - / and *'
  const segments = pattern.split('/')
  if (segments.includes('')) return 'has an empty part between slashes'
  if (segments.some((segment) => segment !== '**' && segment.includes('**'))) return 'has ** inside a name'
  if (segments.filter((segment) => segment === '**').length > limits.doubleStars) return 'has too many **'
  return undefined
}

/** Whether a repository's name fits: `*` stands for any part of one name between slashes, `**` for any names. */
export function matchesGlob(pattern: string, name: string): boolean {
  return matchesSegments(pattern.split('/'), name.split('/'))
}

function matchesSegments(patterns: readonly string[], names: readonly string[]): boolean {
  const [first, ...rest] = patterns
  if (first === undefined) return names.length === 0
  if (first === '**')
    return names.some((_, skipped) => matchesSegments(rest, names.slice(skipped))) || matchesSegments(rest, [])
  const [name, ...others] = names
  return name !== undefined && matchesSegment(first, name) && matchesSegments(rest, others)
}

/** Greedy from star to star, so that no pattern costs more than its length times the name's. */
function matchesSegment(pattern: string, name: string): boolean {
  const [head = '', ...parts] = pattern.split('*')
  const tail = parts.pop()
  if (tail === undefined) return pattern === name
  if (!name.startsWith(head)) return false
  let at = head.length
  for (const part of parts) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - tail.length >= at && name.endsWith(tail)
}
