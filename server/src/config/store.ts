import { Type } from 'typebox'
import { choice, flag, name, path, secret, serviceUrl } from './setting.ts'

const prefix = (where: string) =>
  name(
    {
      description: `What the keys of all objects begin with, so that the ${where} can be shared: a folder, with a slash at its end.`,
      accepts: 'letters, digits and ._-/ with a slash at the end',
      example: 'breakwater/',
    },
    /^([A-Za-z0-9._-]+\/)+$/,
  )

const caFile = path({
  description: 'PEM file with further certificate authorities that the store is believed by.',
  example: '/etc/breakwater/store-ca.crt',
})

const s3 = Type.Object({
  bucket: Type.Optional(
    name(
      {
        description: 'Bucket that keeps blobs. It has to be there.',
        accepts: 'the name of a bucket',
        example: 'blobs',
      },
      /^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/,
    ),
  ),
  prefix: Type.Optional(prefix('bucket')),
  region: name(
    { description: 'Region of the bucket.', accepts: 'a region such as eu-central-1', default: 'us-east-1' },
    /^[A-Za-z0-9-]{1,64}$/,
  ),
  endpoint: Type.Optional(
    serviceUrl({
      description: "Address of a store that speaks S3's protocol. Without it, that of AWS in the region.",
      example: 'https://s3.example.com',
    }),
  ),
  pathStyle: flag({
    description: "Names the bucket in the path and not in the host's name, as most stores other than AWS need it.",
    default: false,
  }),
  caFile: Type.Optional(caFile),
  encryption: choice(['none', 'AES256', 'aws:kms', 'aws:kms:dsse'], {
    description: 'Server-side encryption that is asked for with each object; `none` leaves it to the bucket.',
    default: 'none',
  }),
  kmsKey: Type.Optional(
    name(
      {
        description: "Key for the encryption aws:kms. Without it, the account's own key for S3.",
        accepts: 'the id, alias or ARN of a key',
        example: 'alias/breakwater',
      },
      /^[A-Za-z0-9:/_-]{1,2048}$/,
    ),
  ),
  accessKeyId: Type.Optional(
    name(
      {
        description:
          "Id of an access key. Without it, credentials come from the SDK's default chain: AWS_* variables, profiles, the role of the container or machine.",
        accepts: 'the id of an access key',
        example: 'AKIAEXAMPLE',
      },
      /^\S{1,128}$/,
    ),
  ),
  secretAccessKey: Type.Optional(
    secret(
      { description: 'Secret of the access key.', accepts: 'a secret', example: 'file:/run/secrets/s3-secret' },
      (value) => value.length > 0,
    ),
  ),
})

const azure = Type.Object({
  container: Type.Optional(
    name(
      {
        description: 'Container that keeps blobs. It has to be there.',
        accepts: 'the name of a container',
        example: 'blobs',
      },
      /^[a-z0-9][a-z0-9-]{2,62}$/,
    ),
  ),
  prefix: Type.Optional(prefix('container')),
  account: Type.Optional(
    name(
      { description: 'Storage account.', accepts: '3 to 24 small letters and digits', example: 'example' },
      /^[a-z0-9]{3,24}$/,
    ),
  ),
  accountKey: Type.Optional(
    secret(
      {
        description: 'One of the two keys of the account. It also signs the addresses that clients are sent to.',
        accepts: 'a key in base64',
        example: 'file:/run/secrets/azure-key',
      },
      (value) => /^[A-Za-z0-9+/]+={0,2}$/.test(value),
    ),
  ),
  endpoint: Type.Optional(
    serviceUrl({
      description: 'Address of the account where it is not https://ACCOUNT.blob.core.windows.net.',
      example: 'https://example.blob.core.usgovcloudapi.net',
    }),
  ),
  caFile: Type.Optional(caFile),
})

const gcs = Type.Object({
  bucket: Type.Optional(
    name(
      {
        description: 'Bucket that keeps blobs. It has to be there.',
        accepts: 'the name of a bucket',
        example: 'blobs',
      },
      /^[a-z0-9][a-z0-9._-]{1,220}$/,
    ),
  ),
  prefix: Type.Optional(prefix('bucket')),
  project: Type.Optional(
    name(
      {
        description: 'Project that requests are made in. Without it, that of the credentials.',
        accepts: 'the id of a project',
        example: 'example-project',
      },
      /^[a-z0-9][a-z0-9:.-]{1,62}$/,
    ),
  ),
  credentialsFile: Type.Optional(
    path({
      description:
        "JSON key of a service account. Without it, Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS, or the machine's own account.",
      example: '/run/secrets/gcs.json',
    }),
  ),
  endpoint: Type.Optional(
    serviceUrl({
      description:
        'Address of the storage where it is not https://storage.googleapis.com. Credentials are sent to addresses below googleapis.com only.',
      example: 'https://storage-example.p.googleapis.com',
    }),
  ),
})

/** Where blobs are: the groups of the stores that are not the chosen one are not looked at. */
export const store = Type.Object(
  {
    kind: choice(['filesystem', 's3', 'azure', 'gcs'], { description: 'Kind of blob store.', default: 'filesystem' }),
    root: Type.Optional(
      path({
        description: 'Folder of the filesystem store. The default is the folder `store` in the data folder.',
        example: '/srv/breakwater/store',
      }),
    ),
    redirect: flag({
      description:
        'Answers downloads of blobs with 307 and an address of the object store that is good for 5 minutes, once the policy has allowed them. Clients then have to reach the store, and what they fetch within that time is not seen here.',
      default: false,
    }),
    s3,
    azure,
    gcs,
  },
  { description: 'Where blobs and manifests are kept.' },
)
