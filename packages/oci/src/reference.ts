import { type Digest, parseDigest } from './digest.ts'

declare const brand: unique symbol

/** A checked `<name>` of distribution-spec: slash-separated components, at most 255 characters. */
export type RepositoryName = string & { readonly [brand]: 'RepositoryName' }

/** A checked tag of distribution-spec: at most 128 characters. */
export type Tag = string & { readonly [brand]: 'Tag' }

/** What `<reference>` in a path names. */
export type Reference =
  | { readonly kind: 'tag'; readonly tag: Tag }
  | { readonly kind: 'digest'; readonly digest: Digest }

const longestName = 255

// No two alternatives match at the same place, so that matching takes linear time.
const component = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*'
const nameGrammar = new RegExp(`^${component}(?:/${component})*$`)
const tagGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/** The repository name that a text spells, or undefined (distribution-spec, pulling manifests). */
export function parseRepositoryName(text: string): RepositoryName | undefined {
  return isRepositoryName(text) ? text : undefined
}

function isRepositoryName(text: string): text is RepositoryName {
  return text.length <= longestName && nameGrammar.test(text)
}

/** The tag that a text spells, or undefined (distribution-spec, pulling manifests). */
export function parseTag(text: string): Tag | undefined {
  return isTag(text) ? text : undefined
}

function isTag(text: string): text is Tag {
  return tagGrammar.test(text)
}

/** The tag or digest that a text spells, or undefined. A tag never holds a colon, a digest always does. */
export function parseReference(text: string): Reference | undefined {
  const digest = parseDigest(text)
  if (digest) return { kind: 'digest', digest }
  const tag = parseTag(text)
  return tag && { kind: 'tag', tag }
}

/** The project of a repository: the first component of its name. */
export function projectOf(name: RepositoryName): string {
  const slash = name.indexOf('/')
  return slash === -1 ? name : name.slice(0, slash)
}

/** The name within its project: all components but the first, empty when there is only one. */
export function repositoryInProject(name: RepositoryName): string {
  const slash = name.indexOf('/')
  return slash === -1 ? '' : name.slice(slash + 1)
}
