import { once } from 'node:events'
import { Storage } from '@google-cloud/storage'
import type { Config } from '../../config/index.ts'
import { StoreUnavailable } from '../store.ts'
import type { Bucket, Join, JoinLimits } from './bucket.ts'
import { codeOf, type Fault, faultFrom } from './fault.ts'

/** Composing takes whole objects of any size, 32 of them; crumbs are merged because each costs a request to remove. */
const gcsLimits: JoinLimits = { copies: 'whole', smallest: 1 << 20, most: 32, group: 32 }

type GcsSettings = Config['store']['gcs']

/** A bucket of Google Cloud Storage. */
export function openGcsBucket(settings: GcsSettings, bucket: string, limits: JoinLimits = gcsLimits): Bucket {
  const client = createClient(settings).bucket(bucket)
  const file = (key: string) => client.file(key)
  return {
    name: `the bucket ${bucket}${settings.endpoint === undefined ? '' : ` of ${settings.endpoint}`}`,
    limits,
    removesAtOnce: 1,

    // Not the bucket's own data: who may use the objects may not read that.
    async check() {
      await client.getFiles({ maxResults: 1, autoPaginate: false })
    },

    async size(key) {
      try {
        const [metadata] = await file(key).getMetadata()
        return Number(metadata.size)
      } catch (error) {
        if (faultOf(error).kind === 'missing') return undefined
        throw error
      }
    },

    async get(key, start, end) {
      // The digest tells whether the bytes are right; of a range, the SDK cannot.
      const body = file(key).createReadStream({ start, end, validation: false, decompress: false })
      const answered = once(body, 'response')
      body.read(0)
      const [answer] = (await answered) as [GcsAnswer]
      // Of a refusal, the words follow.
      if (answer.statusCode >= 400) throw (await once(body, 'error'))[0]
      return { body, length: Number(answer.headers['content-length']) }
    },

    async put(key, bytes, onlyNew) {
      const condition = onlyNew ? { preconditionOpts: { ifGenerationMatch: 0 } } : {}
      const options = { resumable: false, validation: 'md5', contentType: 'application/octet-stream', ...condition }
      try {
        await file(key).save(Buffer.from(bytes), options)
      } catch (error) {
        if (faultOf(error).kind === 'missing') throw new StoreUnavailable('the blob store has no such bucket', error)
        throw error
      }
    },

    async copy(from, to) {
      await file(from).copy(file(to))
    },

    async remove(keys) {
      for (const key of keys) await file(key).delete({ ignoreNotFound: true })
    },

    async list(prefix, from) {
      const page = from === undefined ? {} : { pageToken: from }
      const [files, next] = await client.getFiles({ prefix, autoPaginate: false, ...page })
      const objects = files.map(({ name, metadata }) => ({ key: name, size: Number(metadata.size) }))
      return { objects, next: next?.pageToken }
    },

    join: async (key) => createJoin((sources) => client.combine(sources, file(key))),

    async presign(key, seconds) {
      const expires = Date.now() + seconds * 1000
      const [address] = await file(key).getSignedUrl({ version: 'v4', action: 'read', expires })
      return address
    },
    // Where the registry holds no key, each address is signed by a request of its own.
    direct: undefined,

    faultOf,
  }
}

interface GcsAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
}

/** One composing of all sources at the end. It takes objects only. */
function createJoin(compose: (sources: string[]) => Promise<unknown>): Join {
  const sources: string[] = []
  return {
    async copy(index, { key }) {
      sources[index] = key
    },
    add: undefined,
    async complete() {
      await compose(sources)
    },
    abandon: () => Promise.resolve(),
  }
}

function createClient({ endpoint, project, credentialsFile }: GcsSettings): Storage {
  return new Storage({
    ...(project === undefined ? {} : { projectId: project }),
    ...(credentialsFile === undefined ? {} : { keyFilename: credentialsFile }),
    // Google's private endpoints want credentials; a store that only speaks the protocol has none to want.
    ...(endpoint === undefined
      ? {}
      : { apiEndpoint: endpoint, useAuthWithCustomEndpoint: new URL(endpoint).hostname.endsWith('.googleapis.com') }),
    // persist() tries again, and knows what a second attempt means for each call.
    retryOptions: { autoRetry: false, maxRetries: 0 },
  })
}

function faultOf(error: unknown): Fault {
  const facts = error as { readonly code?: unknown; readonly errors?: readonly { readonly reason?: string }[] }
  const status = typeof facts.code === 'number' ? facts.code : undefined
  const reason = facts.errors?.[0]?.reason
  return faultFrom({ status, code: status === undefined ? codeOf(error) : (reason ?? 'no reason') })
}
