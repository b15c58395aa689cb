import { type Digest, parseDigest, parseRepositoryName, parseTag, type RepositoryName, type Tag } from '@breakwater/oci'

/** `HOST/NAME[:TAG][@DIGEST]`: where an artifact is, registry included. */
export interface ImageReference {
  /** With its port, if there is one: `ghcr.io`, `127.0.0.1:8080`. */
  readonly host: string
  readonly repository: RepositoryName
  readonly tag: Tag | undefined
  /** When there are both, this decides and the tag is only said. */
  readonly digest: Digest | undefined
}

const hostGrammar =
  /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9-]+(?=:))(?::\d{1,5})?$/

/**
 * Reads a reference with its registry; without tag and digest the tag is `latest`. Undefined when it is none: also when
 * the first part cannot be a host (no dot, no port, not `localhost`), as nothing is guessed.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const slash = text.indexOf('/')
  const host = text.slice(0, Math.max(slash, 0))
  if (!hostGrammar.test(host) || !URL.canParse(`https://${host}`)) return undefined
  const [path = '', pinned, ...more] = text.slice(slash + 1).split('@')
  const colon = path.indexOf(':')
  const repository = parseRepositoryName(colon === -1 ? path : path.slice(0, colon))
  const tag = colon === -1 ? undefined : parseTag(path.slice(colon + 1))
  const digest = pinned === undefined ? undefined : parseDigest(pinned)
  const unread = more.length > 0 || (colon !== -1 && !tag) || (pinned !== undefined && !digest)
  if (!repository || unread) return undefined
  return { host, repository, tag: tag ?? (digest ? undefined : parseTag('latest')), digest }
}

export function formatImageReference({ host, repository, tag, digest }: ImageReference): string {
  return `${host}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`
}

/** Whether a host is this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name)
}
