import { type StaticDecode, Type } from 'typebox'
import type { Secret } from './secret.ts'
import {
  choice,
  duration,
  flag,
  listenAddress,
  networks,
  origin,
  path,
  secret,
  serviceUrl,
  size,
  vulndbSources,
  whole,
} from './setting.ts'
import { store } from './store.ts'

const tls = Type.Object(
  {
    certFile: path({
      description: 'PEM file with the server certificate, followed by its intermediate certificates.',
      example: '/etc/breakwater/tls.crt',
    }),
    keyFile: path({
      description: 'PEM file with the private key of the certificate. Readable by the server only.',
      example: '/etc/breakwater/tls.key',
    }),
  },
  { description: 'HTTPS on the listen address. Both files are read again when they change.' },
)

const database = Type.Object(
  {
    url: Type.Optional(
      secret(
        {
          description:
            'PostgreSQL 16 or newer, shared by all replicas. Without it the server runs its own PostgreSQL in the data folder.',
          example: 'env:DATABASE_URL',
          accepts: 'a postgres:// or postgresql:// address',
        },
        (value) => /^postgres(ql)?:\/\/./.test(value),
      ),
    ),
    poolSize: whole({
      description: 'Most connections that one process opens for requests.',
      default: 10,
      min: 2,
      max: 500,
    }),
  },
  { description: 'Where names, rights and history are kept.' },
)

const log = Type.Object(
  {
    level: choice(['trace', 'debug', 'info', 'warn', 'error'], {
      description: 'Least important level that is written.',
      default: 'info',
    }),
    format: Type.Codec(
      choice(['auto', 'json', 'text'], {
        description: 'One JSON object a line, or text to read; `auto` is text on a terminal and JSON elsewhere.',
        default: 'auto',
      }),
    )
      .Decode((format): 'json' | 'text' => (format === 'auto' ? (process.stdout.isTTY ? 'text' : 'json') : format))
      .Encode((format) => format),
    requests: flag({
      description:
        'Writes a line of level info for each request: its id, route, status, time, bytes and account; no path and no query.',
      default: true,
    }),
  },
  { description: 'What the server writes to standard error.' },
)

const metrics = Type.Object(
  {
    listen: listenAddress({
      description:
        'Address that answers /metrics, /healthz and /readyz over HTTP, to everyone who reaches it; clients of the registry should not, as metrics name projects.',
      example: '127.0.0.1:9090',
    }),
  },
  { description: 'Metrics for Prometheus. They are served on an address of their own, or not at all.' },
)

const traces = Type.Object(
  {
    endpoint: Type.Optional(
      serviceUrl({
        description:
          'Collector that takes OTLP over HTTP, without `/v1/traces`. Without it OTEL_EXPORTER_OTLP_ENDPOINT counts; without both nothing is traced.',
        example: 'http://127.0.0.1:4318',
      }),
    ),
    samplePercent: whole({
      description:
        'Of a hundred traces that begin here, how many are kept. One that a caller began is kept where the caller keeps it.',
      default: 100,
      min: 0,
      max: 100,
    }),
  },
  { description: 'OpenTelemetry traces of requests and jobs.' },
)

const limits = Type.Object(
  {
    manifestBytes: size({ description: 'Largest manifest or index.', default: '4MiB', min: '64KiB', max: '64MiB' }),
    blobBytes: size({ description: 'Largest blob.', default: '1TiB', min: '1MiB', max: '1024TiB' }),
    uploadExpiry: duration({
      description: 'How long an upload may rest between two requests before it is dropped.',
      default: '24h',
      min: '1m',
      max: '30d',
    }),
    uploadMemory: size({
      description: 'Memory that all running uploads of a process share; when it is used up, senders wait.',
      default: '128MiB',
      min: '8MiB',
      max: '64GiB',
    }),
    maxConnections: whole({
      description: 'Most open client connections of one process; more are closed at once.',
      default: 10_000,
      min: 1,
      max: 1_000_000,
    }),
    manifestCache: size({
      description: 'Memory for manifests that were read lately.',
      default: '64MiB',
      min: '1MiB',
      max: '64GiB',
    }),
  },
  { description: 'Bounds on what a client can ask of a process.' },
)

const ledger = Type.Object(
  {
    pullFlush: duration({
      description:
        'How long pulls are gathered before they are written. kill -9 may lose the pulls of this time: a second at most.',
      default: '1s',
      min: '10ms',
      max: '1s',
    }),
  },
  { description: 'The record of what happened.' },
)

const collection = Type.Object(
  {
    undo: duration({
      description:
        'How long deleted artifacts, and blobs that no manifest came to name, are kept as they are: a manifest that is pushed again within that time finds its blobs.',
      default: '24h',
      min: '1ms',
      max: '365d',
    }),
    grace: duration({
      description:
        'How long what is doomed stays after that before its bytes are deleted. Longer than the longest push takes, and than a backup of the store after that of the database.',
      default: '2h',
      min: '1ms',
      max: '30d',
    }),
    interval: duration({
      description: 'How often each worker looks for what is due. Each step of a deletion waits for such a look.',
      default: '1m',
      min: '100ms',
      max: '1d',
    }),
    rate: whole({
      description: 'Most blobs that a process deletes in a second.',
      default: 700,
      min: 1,
      max: 100_000,
    }),
  },
  { description: 'Deletion of what nothing names any more, which goes on all the time.' },
)

const scrub = Type.Object(
  {
    enabled: flag({
      description: 'Reads all blobs again and again, to find those that the store has damaged.',
      default: true,
    }),
    every: duration({
      description: 'How often a pass over all blobs begins, if the one before has ended.',
      default: '30d',
      min: '1s',
      max: '365d',
    }),
    rate: size({
      description: 'Most bytes that are read in a second, by one process at a time.',
      default: '16MiB',
      min: '1KiB',
      max: '100GiB',
    }),
    healFrom: Type.Optional(
      path({
        description:
          'Configuration file of another registry that has the same blobs, as of a second site: damaged ones are fetched from the store that its group `store` names. Nothing else of it is used, nothing is written there, and its secrets have to be in files.',
        example: '/etc/breakwater/second-site.yaml',
      }),
    ),
  },
  {
    description:
      'Looks whether what is stored is still what was pushed. What is not is not served, and healed where that can be.',
  },
)

const vulndb = Type.Object(
  {
    source: vulndbSources({
      description:
        'Where the vulnerability database comes from: an artifact of a registry, which may be this one, or a db.tar.gz or folder of this machine; the first that can be had. `none` leaves it to `breakwater vulndb`. A host may be one of an inner network; metadata services and link-local addresses are never connected to, wherever a registry leads.',
      default: 'oci:mirror.gcr.io/aquasec/trivy-db:2,oci:ghcr.io/aquasecurity/trivy-db:2',
    }),
    refresh: duration({
      description: 'How often the source is asked for a newer database.',
      default: '6h',
      min: '1m',
      max: '7d',
    }),
  },
  { description: 'The database that images are checked against.' },
)

const gate = Type.Object(
  {
    refuseWith412: flag({
      description:
        'Answers pulls that the policy refuses with 412 and PROJECTPOLICYVIOLATION, as Harbor does. Most clients then do not show the reason; with 403 and DENIED they do.',
      default: false,
    }),
  },
  { description: 'What happens to pulls that a policy refuses.' },
)

const snapshots = Type.Object(
  {
    enabled: flag({ description: 'Writes snapshots.', default: true }),
    every: duration({
      description: 'How often one is written, by one of the processes that work. What comes after it, a rebuild lacks.',
      default: '1h',
      min: '1s',
      max: '7d',
    }),
    keep: whole({ description: 'How many are kept; older ones are removed.', default: 24, min: 1, max: 1_000 }),
  },
  {
    description:
      'Names and rights, written into the blob store, so that `breakwater rebuild` can make a registry of the store alone.',
  },
)

/** Every setting: the type, the checks, the defaults and the reference page come from here. */
export const schema = Type.Object({
  dataDir: path({ description: 'Folder for everything the server keeps on this machine.', default: './data' }),
  listen: listenAddress({ description: 'Address that the server answers on.', default: '127.0.0.1:8080' }),
  role: choice(['all', 'web', 'worker'], {
    description:
      'What this process does: `web` answers clients, `worker` scans, verifies and cleans up, `all` does both. Any number of either may share one database and one store.',
    default: 'all',
  }),
  drain: duration({
    description:
      'How long a process that was asked to stop goes on answering, while /readyz says that it stops, so that a load balancer turns to another one first.',
    default: '0s',
    min: '0s',
    max: '10m',
  }),
  externalUrl: Type.Optional(
    origin({
      description:
        'Address that clients use, when it is not the listen address: behind a proxy or with a name. It is written into token challenges and upload locations.',
      example: 'https://registry.example.com',
    }),
  ),
  allowPlainHttp: flag({
    description:
      'Allows HTTP without TLS on an address that other machines can reach, as behind a proxy that ends TLS. Passwords cross that network readable.',
    default: false,
  }),
  trustedProxies: Type.Optional(
    networks({
      description:
        'Proxies whose X-Forwarded-For header tells where a request comes from. Without it, limits on failed logins and the ledger see the proxy in place of the client.',
      example: '10.0.0.0/8',
    }),
  ),
  tls: Type.Optional(tls),
  database,
  store,
  adminPassword: Type.Optional(
    secret(
      {
        description:
          'Password of the first administrator `admin`, used when the database is set up. Without it one is generated into the file `admin-password` in the data folder.',
        example: 'file:/run/secrets/admin-password',
        accepts: '8 to 128 characters',
      },
      (value) => value.length >= 8 && value.length <= 128,
    ),
  ),
  secretKey: Type.Optional(
    secret(
      {
        description:
          'Signs tokens and encrypts stored credentials; all replicas need the same one. Without it one is generated into the file `secret.key` in the data folder.',
        example: 'file:/run/secrets/secret-key',
        accepts: 'at least 32 characters',
      },
      (value) => value.length >= 32,
    ),
  ),
  log,
  metrics: Type.Optional(metrics),
  traces,
  limits,
  ledger,
  collection,
  scrub,
  vulndb,
  gate,
  snapshots,
})

type DeepReadonly<T> = T extends Secret | string
  ? T
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

/** The effective configuration. Sizes are bytes, durations milliseconds, paths absolute. */
export type Config = DeepReadonly<StaticDecode<typeof schema>>
