// Rooms of server/src in import order: a room may import the rooms before it, never those after it.
const rooms = [
  'config',
  'observability',
  'metadata',
  'content',
  'ledger',
  'settings',
  'jobs',
  'identity',
  'projects',
  'access',
  'blobs',
  'artifacts',
  'collection',
  'scrub',
  'vulndb',
  'scanning',
  'signatures',
  'policy',
  'http',
  'distribution',
  'login',
  'harbor-api',
  'breakwater-api',
  'recovery',
  'diagnose',
]

const tests = '\\.test\\.ts$'
const room = (name) => `^server/src/${name}/`

const direction = rooms.slice(0, -1).map((name, index) => ({
  name: `direction-${name}`,
  comment: `Rooms are built in order, so ${name} cannot know a room that comes after it.`,
  severity: 'error',
  from: { path: room(name) },
  to: { path: `^server/src/(${rooms.slice(index + 1).join('|')})/` },
}))

export default {
  forbidden: [
    ...direction,
    {
      name: 'unknown-room',
      comment: 'A folder that is not in the list above has no place in the order: add it there.',
      severity: 'error',
      from: { path: '^server/src/[^/]+/', pathNot: `^server/src/(${rooms.join('|')})/` },
      to: {},
    },
    {
      name: 'door',
      comment: 'Another room is entered by its index.ts only, so that what is behind it can change.',
      severity: 'error',
      from: { path: '^server/src/([^/]+)/' },
      to: { path: '^server/src/[^/]+/', pathNot: ['^server/src/$1/', '^server/src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'stores-when-used',
      comment: 'The SDK of an object store is loaded by who has configured that store, and by nobody else.',
      severity: 'error',
      from: { path: '^(server|cli)/src/', pathNot: tests },
      to: { path: '^server/src/content/objects/(s3|azure|gcs)\\.ts$', dependencyTypesNot: ['dynamic-import'] },
    },
    {
      name: 'composition',
      comment: 'The composition root builds the rooms; a room that imports it would build itself.',
      severity: 'error',
      from: { path: '^server/src/[^/]+/', pathNot: tests },
      to: { path: '^server/src/[^/]+\\.ts$' },
    },
    {
      name: 'composition-door',
      comment: 'The composition root too takes rooms by their doors.',
      severity: 'error',
      from: { path: '^server/src/[^/]+\\.ts$', pathNot: tests },
      to: { path: '^server/src/[^/]+/', pathNot: '/index\\.ts$' },
    },
    {
      name: 'fastify',
      comment: 'HTTP words stay at the edge: elsewhere a decision could come to depend on a request object.',
      severity: 'error',
      from: { path: '^(server|packages|cli)/', pathNot: ['^server/src/http/', '[/-]routes\\.ts$', tests] },
      to: { path: ['node_modules/fastify/', 'node_modules/@fastify/'] },
    },
    {
      name: 'pg',
      comment:
        "SQL is written in metadata and in each room's queries.ts, where tools/check-rooms.ts reads it; the queue brings its own.",
      severity: 'error',
      from: {
        path: '^(server/src|packages|cli)/',
        pathNot: ['^server/src/(metadata|jobs)/', '[/-]queries\\.ts$', tests],
      },
      to: { path: ['node_modules/pg[/-]', 'node_modules/@types/pg/'] },
    },
    {
      name: 'pure-oci',
      comment: 'packages/oci holds words and grammars: it opens nothing and needs nothing but hashing.',
      severity: 'error',
      from: { path: '^packages/oci/src/', pathNot: tests },
      to: { pathNot: ['^packages/oci/src/', '^(node:)?crypto$'] },
    },
    {
      name: 'pure-reading',
      comment: 'Packages that read images and databases take bytes; what they judge can never depend on a network.',
      severity: 'error',
      from: { path: '^packages/(inventory|vulndb)/src/', pathNot: tests },
      to: { path: '^(node:)?(https?|http2|net|tls|dgram|dns|child_process)$' },
    },
    {
      name: 'pure-signing',
      comment:
        'packages/signing decides whose signature counts: bytes in, results out, with nothing to ask or to read.',
      severity: 'error',
      from: { path: '^packages/signing/src/', pathNot: [tests, '^packages/signing/src/live/'] },
      to: { pathNot: ['^packages/(signing|oci)/src/', '^(node:)?crypto$'] },
    },
    {
      name: 'packages-below',
      comment: 'Packages are used by the programs, never the other way round.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(server|cli)/' },
    },
    {
      name: 'server-below-cli',
      comment: 'The server runs without the command line.',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^cli/' },
    },
    {
      name: 'cli-door',
      comment: 'The command line uses what the server package exports, like any other program.',
      severity: 'error',
      from: { path: '^cli/', pathNot: [tests, '/fixture\\.ts$'] },
      to: { path: '^server/', pathNot: '^server/src/index\\.ts$' },
    },
    {
      name: 'tests-are-leaves',
      comment: 'Nothing that ships may need a test file.',
      severity: 'error',
      from: { pathNot: [tests, '^server/test/', '^tests/', '/fixture\\.ts$'] },
      to: { path: [tests, '^server/test/'] },
    },
    {
      name: 'no-cycle',
      comment: 'A cycle has no first file to read, type-only ones included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere would escape every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.d.ts'],
    },
  },
}
