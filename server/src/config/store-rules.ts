import type { ConfigProblem } from './problem.ts'
import type { Config } from './schema.ts'

type Store = Config['store']

/** What the kind of store needs, and what it can do nothing with. */
export function storeProblems(store: Store, placeOf: (key: string) => string): ConfigProblem[] {
  const { kind, redirect } = store
  const missing = required(store).map(({ key, remedy }): ConfigProblem => {
    const message = `is missing although store.kind is ${kind}`
    return { place: placeOf('store.kind'), key: `store.${key}`, message, remedy }
  })
  const message = 'a folder has no address that a client could be sent to'
  const place = placeOf('store.redirect')
  const astray: ConfigProblem = { place, key: 'store.redirect', message, remedy: 'Set it to false.' }
  return [
    ...missing,
    ...(kind === 's3' ? s3Problems(store, placeOf) : []),
    ...(kind === 'filesystem' && redirect ? [astray] : []),
  ]
}

function required({ kind, s3, azure, gcs }: Store): { readonly key: string; readonly remedy: string }[] {
  const bucket = 'Name the bucket that keeps blobs.'
  if (kind === 's3' && s3.bucket === undefined) return [{ key: 's3.bucket', remedy: bucket }]
  if (kind === 'gcs' && gcs.bucket === undefined) return [{ key: 'gcs.bucket', remedy: bucket }]
  if (kind !== 'azure') return []
  return [
    ...(azure.container === undefined
      ? [{ key: 'azure.container', remedy: 'Name the container that keeps blobs.' }]
      : []),
    ...(azure.account === undefined ? [{ key: 'azure.account', remedy: 'Name the storage account.' }] : []),
    ...(azure.accountKey === undefined ? [{ key: 'azure.accountKey', remedy: 'Give one of its two keys.' }] : []),
  ]
}

function s3Problems({ s3 }: Store, placeOf: (key: string) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  if ((s3.accessKeyId === undefined) !== (s3.secretAccessKey === undefined)) {
    const [given, missing] =
      s3.accessKeyId === undefined ? ['secretAccessKey', 'accessKeyId'] : ['accessKeyId', 'secretAccessKey']
    const message = `is missing although store.s3.${given} is given`
    const remedy = 'Set both, or none of them: then the SDK looks for credentials.'
    problems.push({ place: placeOf(`store.s3.${given}`), key: `store.s3.${missing}`, message, remedy })
  }
  if (s3.kmsKey !== undefined && !s3.encryption.startsWith('aws:kms')) {
    const message = 'is used by the encryption aws:kms only'
    const remedy = 'Set store.s3.encryption to aws:kms, or remove the key.'
    problems.push({ place: placeOf('store.s3.kmsKey'), key: 'store.s3.kmsKey', message, remedy })
  }
  return problems
}
