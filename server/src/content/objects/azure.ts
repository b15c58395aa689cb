import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  BlobSASPermissions,
  BlobServiceClient,
  type BlockBlobClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import type { Config } from '../../config/index.ts'
import { authoritiesOf } from './authorities.ts'
import type { Bucket, Extent, Join, JoinLimits } from './bucket.ts'
import { codeOf, type Fault, faultFrom } from './fault.ts'

/** Blocks may be small, but there are 50,000 of them: crumbs are merged. */
const azureLimits: JoinLimits = { copies: 'ranges', smallest: 1 << 20, most: 50_000, group: 300 }

/** Seconds in which the service reads an object that it copies. */
const copySeconds = 3600

type AzureSettings = Config['store']['azure']

/** A container of Azure Blob Storage. */
export function openAzureBucket(settings: AzureSettings, container: string, limits: JoinLimits = azureLimits): Bucket {
  const credential = new StorageSharedKeyCredential(settings.account ?? '', settings.accountKey?.reveal() ?? '')
  const url = settings.endpoint ?? `https://${settings.account}.blob.core.windows.net`
  const ca = authoritiesOf(settings.caFile)
  const client = new BlobServiceClient(url, credential, optionsOf(ca)).getContainerClient(container)
  const blob = (key: string) => client.getBlockBlobClient(key)
  const presigned = (key: string, seconds: number) => presign(client, credential, key, seconds)
  return {
    name: `the container ${container} of ${url}`,
    limits,
    removesAtOnce: 1,

    async check() {
      await client.getProperties()
    },

    async size(key) {
      try {
        return (await blob(key).getProperties()).contentLength ?? 0
      } catch (error) {
        if (faultOf(error).kind === 'missing') return undefined
        throw error
      }
    },

    async get(key, start, end) {
      // The SDK would go on by itself where the answer breaks off; so does who reads it here.
      const answer = await blob(key).download(start, end - start + 1, { maxRetryRequests: 0 })
      if (!(answer.readableStreamBody instanceof Readable)) throw new Error('the answer has no body')
      return { body: answer.readableStreamBody, length: answer.contentLength ?? 0 }
    },

    async put(key, bytes, once) {
      const conditions = once ? { conditions: { ifNoneMatch: '*' } } : {}
      const blobHTTPHeaders = { blobContentType: 'application/octet-stream' }
      await blob(key).upload(Buffer.from(bytes), bytes.length, { ...conditions, blobHTTPHeaders })
    },

    async copy(from, to) {
      await blob(to).syncCopyFromURL(presigned(from, copySeconds))
    },

    async remove(keys) {
      for (const key of keys) await blob(key).deleteIfExists({ deleteSnapshots: 'include' })
    },

    async list(prefix, from) {
      const pages = client.listBlobsFlat({ prefix }).byPage(from === undefined ? {} : { continuationToken: from })
      const { value } = await pages.next()
      if (!value) return { objects: [], next: undefined }
      const items = (value as ListSegment).segment.blobItems
      const objects = items.map(({ name, properties }) => ({ key: name, size: properties.contentLength ?? 0 }))
      return { objects, next: (value as ListSegment).continuationToken || undefined }
    },

    async join(key) {
      return createJoin(blob(key), (extent) => presigned(extent.key, copySeconds))
    },

    presign: async (key, seconds) => presigned(key, seconds),
    direct: { ca },

    faultOf,
  }
}

interface ListSegment {
  readonly segment: {
    readonly blobItems: readonly { readonly name: string; readonly properties: { readonly contentLength?: number } }[]
  }
  readonly continuationToken?: string
}

/** Blocks, and a list that makes them a blob. Their ids are this join's own: others may make the same blob just now. */
function createJoin(blob: BlockBlobClient, sourceOf: (extent: Extent) => string): Join {
  const own = randomBytes(12).toString('hex')
  const idOf = (index: number) => Buffer.from(`${own}${String(index).padStart(8, '0')}`).toString('base64')
  let count = 0
  const given = (index: number) => {
    count = Math.max(count, index + 1)
  }
  return {
    async copy(index, extent) {
      await blob.stageBlockFromURL(idOf(index), sourceOf(extent), extent.start, extent.length)
      given(index)
    },
    async add(index, bytes) {
      await blob.stageBlock(idOf(index), bytes, bytes.length)
      given(index)
    },
    async complete() {
      const ids = Array.from({ length: count }, (_, index) => idOf(index))
      await blob.commitBlockList(ids, { blobHTTPHeaders: { blobContentType: 'application/octet-stream' } })
    },
    // The service drops blocks that nobody has listed, after a week or with the next list.
    abandon: () => Promise.resolve(),
  }
}

function presign(
  client: ContainerClient,
  credential: StorageSharedKeyCredential,
  key: string,
  seconds: number,
): string {
  const query = generateBlobSASQueryParameters(
    {
      containerName: client.containerName,
      blobName: key,
      permissions: BlobSASPermissions.parse('r'),
      expiresOn: new Date(Date.now() + seconds * 1000),
    },
    credential,
  )
  return `${client.getBlockBlobClient(key).url}?${query}`
}

function optionsOf(ca: string[] | undefined) {
  const tls = ca === undefined ? {} : { tlsOptions: { ca } }
  // persist() tries again, and knows what a second attempt means for each call.
  return { retryOptions: { maxTries: 1 }, ...tls }
}

function faultOf(error: unknown): Fault {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) || undefined : undefined
  const code = codeOf(error)
  if (code === 'BlobAlreadyExists') return { kind: 'exists' }
  // Another has listed blocks of the same blob meanwhile, with which the service has dropped these.
  if (code === 'InvalidBlockList') return { kind: 'missing' }
  return faultFrom({ status, code: code === 'RestError' ? 'no code' : code })
}
