import {
  algorithmOf,
  type Descriptor,
  type Digest,
  digestOf,
  type Manifest,
  manifestTypes,
  maxManifestBytes,
  parseDigest,
  parseManifest,
  type RepositoryName,
} from '@breakwater/oci'
import { type Credentials, createAuthorization } from './authorization.ts'
import { parseChallenge } from './challenge.ts'
import { checkedBody } from './checked-body.ts'
import { Egress, type Resolve } from './egress.ts'
import { type Exchange, exchange } from './exchange.ts'
import { RegistryFailure, statusFailure, strangeAnswer } from './failure.ts'
import { isLoopbackHost } from './image-reference.ts'

export interface RegistryOptions {
  readonly credentials?: Credentials
  /** Speak HTTP without TLS, also to other machines; loopback addresses get HTTP anyway. */
  readonly plainHttp?: boolean
  /** Milliseconds without a byte after which a request is given up; 30,000 by default. */
  readonly patienceMs?: number
  /** How names become addresses; the system's way by default. */
  readonly resolve?: Resolve
}

export interface FetchedManifest {
  readonly digest: Digest
  /** Exactly as sent. */
  readonly bytes: Buffer
  readonly manifest: Manifest
}

/** One registry. Every method throws RegistryFailure, or the reason of a signal that ended it. */
export interface Registry {
  /** A manifest or index by tag or digest, checked against its digest. An index is the caller's to choose from. */
  manifest(repository: RepositoryName, reference: string, signal?: AbortSignal): Promise<FetchedManifest>
  /**
   * A blob as it comes. What it yields is true only when it has ended without an error: the digest shows at the end, and
   * more bytes than the descriptor or `maxBytes` says end it at once.
   */
  blob(
    repository: RepositoryName,
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): AsyncGenerator<Uint8Array>
}

const defaultPatienceMs = 30_000
const mostErrorBytes = 64 * 1024

export function openRegistry(host: string, options: RegistryOptions = {}): Registry {
  const patienceMs = options.patienceMs ?? defaultPatienceMs
  const egress = new Egress(host, options.resolve)
  const tokens = { patienceMs, plainHttp: options.plainHttp === true, egress }
  const authorization = createAuthorization(host, options.credentials, tokens)
  const plainHttp = options.plainHttp ?? isLoopbackHost(host)
  const origin = `${plainHttp ? 'http' : 'https'}://${host}`

  /** A GET that succeeded, after the token that the registry asked for. */
  async function get(
    repository: RepositoryName,
    { path, what, accept, signal }: { path: string; what: string; accept?: string; signal: AbortSignal | undefined },
  ): Promise<Exchange> {
    const url = new URL(`${origin}/v2/${repository}/${path}`)
    const ask = (header: string | undefined) => {
      const headers = { ...(accept ? { Accept: accept } : {}), ...(header ? { Authorization: header } : {}) }
      return exchange({ url, headers, what, patienceMs, signal, egress })
    }
    let got = await ask(authorization.known(repository))
    const challenge = got.response.status === 401 && parseChallenge(got.response.header('www-authenticate') ?? null)
    if (challenge) {
      got.discard()
      got = await ask(await authorization.answer(challenge, repository, signal))
    }
    if (got.response.ok) return got
    throw statusFailure(host, what, got.response.status, errorMessage(await got.bytes(mostErrorBytes)))
  }

  return {
    async manifest(repository, reference, signal) {
      const what = `${repository}${parseDigest(reference) ? '@' : ':'}${reference}`
      const accept = manifestTypes.join(', ')
      const got = await get(repository, { path: `manifests/${reference}`, what, accept, signal })
      const bytes = await got.bytes(maxManifestBytes)
      const asked = parseDigest(reference) ?? parseDigest(got.response.header('docker-content-digest') ?? '')
      const digest = asked ?? digestOf(bytes)
      if (asked && digestOf(bytes, algorithmOf(asked)) !== asked) throw untrue(host, what)
      try {
        const type = got.response.header('content-type')
        return { digest, bytes, manifest: parseManifest(bytes, type) }
      } catch (error) {
        throw strangeAnswer(host, what, error instanceof Error ? error.message : String(error))
      }
    },
    async *blob(repository, { digest, size }, { maxBytes, signal }) {
      const what = `blob ${digest} of ${repository}`
      if (size > maxBytes) {
        const problem = `has ${size} bytes; at most ${maxBytes} are taken`
        throw new RegistryFailure('too-large', host, `The ${what} at ${host} ${problem}.`)
      }
      const got = await get(repository, { path: `blobs/${digest}`, what, signal })
      yield* checkedBody(got.body(), { digest, size }, () => untrue(host, what))
    },
  }
}

function untrue(host: string, what: string): RegistryFailure {
  const problem = `${host} sent other bytes for ${what} than its digest and size say.`
  return new RegistryFailure('untrue', host, `${problem} They were thrown away; tell its administrator.`)
}

/** The first message of an error reply (distribution-spec, error codes), short enough for a log. */
function errorMessage(body: Buffer): string | undefined {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: { code?: unknown; message?: unknown }[] }
    const { code, message } = errors?.[0] ?? {}
    const text = message || code
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what another machine says is cleaned of them.
    return typeof text === 'string' ? text.replaceAll(/[\x00-\x1f\x7f]/g, ' ').slice(0, 300) : undefined
  } catch {
    return undefined
  }
}
