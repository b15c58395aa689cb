import { Agent } from 'node:https'
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Config } from '../../config/index.ts'
import { authoritiesOf } from './authorities.ts'
import type { Bucket, Extent, Join, JoinLimits } from './bucket.ts'
import { codeOf, faultFrom } from './fault.ts'

/** S3's own limits: parts of 5 MiB to 5 GiB, 10,000 of them; 300 of our largest pieces (16 MiB) are below 5 GiB. */
const s3Limits: JoinLimits = { copies: 'ranges', smallest: 5 << 20, most: 10_000, group: 300 }

type S3Settings = Config['store']['s3']

/** A bucket of S3 or of a store that speaks its protocol. */
export function openS3Bucket(settings: S3Settings, bucket: string, limits: JoinLimits = s3Limits): Bucket {
  const ca = authoritiesOf(settings.caFile)
  const client = createClient(settings, ca)
  const encrypted = encryptionOf(settings)
  const object = (key: string) => ({ Bucket: bucket, Key: key })
  return {
    name: `the bucket ${bucket}${settings.endpoint === undefined ? '' : ` of ${settings.endpoint}`}`,
    limits,
    removesAtOnce: 1000,

    async check() {
      await client.send(new HeadBucketCommand({ Bucket: bucket }))
    },

    async size(key) {
      try {
        return (await client.send(new HeadObjectCommand(object(key)))).ContentLength ?? 0
      } catch (error) {
        if (faultOf(error).kind === 'missing') return undefined
        throw error
      }
    },

    async get(key, start, end) {
      const answer = await client.send(new GetObjectCommand({ ...object(key), Range: `bytes=${start}-${end}` }))
      if (!(answer.Body instanceof Readable)) throw new Error('the answer has no body')
      return { body: answer.Body, length: answer.ContentLength ?? 0 }
    },

    async put(key, bytes, once) {
      const condition = once ? { IfNoneMatch: '*' } : {}
      await client.send(new PutObjectCommand({ ...object(key), ...encrypted, ...condition, Body: bytes }))
    },

    async copy(from, to) {
      await client.send(new CopyObjectCommand({ ...object(to), ...encrypted, CopySource: sourceOf(bucket, from) }))
    },

    async remove(keys) {
      const answer = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) } }),
      )
      const left = answer.Errors?.find(({ Code }) => Code !== 'NoSuchKey')
      if (left) throw Object.assign(new Error(left.Message ?? 'an object was not removed'), { code: left.Code })
    },

    async list(prefix, from) {
      const token = from === undefined ? {} : { ContinuationToken: from }
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...token }))
      const objects = (page.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key, size: Size }))
      return { objects, next: page.IsTruncated ? page.NextContinuationToken : undefined }
    },

    async join(key) {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...object(key), ...encrypted }))
      return createJoin(client, bucket, { ...object(key), UploadId })
    },

    presign: (key, seconds) => getSignedUrl(client, new GetObjectCommand(object(key)), { expiresIn: seconds }),
    direct: { ca },

    faultOf,
  }
}

/** A multipart upload: its parts are copied ranges of other objects, or bytes. */
function createJoin(
  client: S3Client,
  bucket: string,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
): Join {
  const tags = new Map<number, { readonly ETag: string | undefined; readonly ChecksumCRC32?: string | undefined }>()
  return {
    async copy(index, extent) {
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({ ...upload, ...copySource(bucket, extent), PartNumber: index + 1 }),
      )
      tags.set(index, { ETag: CopyPartResult?.ETag })
    },
    async add(index, bytes) {
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: index + 1, Body: bytes }))
      tags.set(index, { ETag })
    },
    async complete() {
      const Parts = [...tags].sort(([a], [b]) => a - b).map(([index, tag]) => ({ ...tag, PartNumber: index + 1 }))
      await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
    },
    async abandon() {
      await client.send(new AbortMultipartUploadCommand(upload))
    },
  }
}

function copySource(bucket: string, { key, start, length, whole }: Extent) {
  const CopySource = sourceOf(bucket, key)
  return whole ? { CopySource } : { CopySource, CopySourceRange: `bytes=${start}-${start + length - 1}` }
}

function sourceOf(bucket: string, key: string): string {
  return `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
}

function encryptionOf({ encryption, kmsKey }: S3Settings) {
  if (encryption === 'none') return {}
  return { ServerSideEncryption: encryption, ...(kmsKey === undefined ? {} : { SSEKMSKeyId: kmsKey }) }
}

function createClient(
  { region, endpoint, pathStyle, accessKeyId, secretAccessKey }: S3Settings,
  ca: string[] | undefined,
): S3Client {
  const credentials =
    accessKeyId !== undefined && secretAccessKey !== undefined
      ? { credentials: { accessKeyId, secretAccessKey: secretAccessKey.reveal() } }
      : {}
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: pathStyle,
    ...credentials,
    // persist() tries again, and knows what a second attempt means for each call.
    maxAttempts: 1,
    // Blobs are checked by their digest.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 5_000,
      socketTimeout: 300_000,
      // Each open download holds one: the number of clients bounds them.
      httpsAgent: new Agent({ keepAlive: true, maxSockets: 1024, ...(ca ? { ca } : {}) }),
      httpAgent: { keepAlive: true, maxSockets: 1024 },
    },
  })
}

function faultOf(error: unknown) {
  const status = statusOf(error)
  const code = codeOf(error)
  // What S3 answers when the same is written twice at once, or before it is ready.
  if (code === 'OperationAborted' || code === 'ConditionalRequestConflict') {
    return { kind: 'passing', what: `is busy (${code})` } as const
  }
  if (code === 'NoSuchUpload') return { kind: 'missing' } as const
  return faultFrom({ status, code: code === 'Error' && error instanceof Error ? error.name : code })
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode
}
