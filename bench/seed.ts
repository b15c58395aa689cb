import { parseArgs } from 'node:util'
import pg from 'pg'
import { connectEmbedded } from './lib/database.ts'
import { seedArtifacts } from './lib/seed.ts'

const usage = `node bench/seed.ts --artifacts N (--data-dir FOLDER | --database URL)

Writes N artifacts into the database of a running Breakwater, below the repositories library/seeded/…
Manifests can be pulled; their blobs are rows without content. For tests and benchmarks only.`

const { values } = parseArgs({
  options: {
    artifacts: { type: 'string' },
    'data-dir': { type: 'string' },
    database: { type: 'string' },
    help: { type: 'boolean' },
  },
})

async function connect(): Promise<pg.Client | undefined> {
  if (values['data-dir'] !== undefined) return connectEmbedded(values['data-dir'])
  if (values.database === undefined) return undefined
  const client = new pg.Client({ connectionString: values.database })
  await client.connect()
  return client
}

const count = Number(values.artifacts)
const client = values.help || !Number.isInteger(count) || count < 1 ? undefined : await connect()
if (client) {
  await seedArtifacts(client, count, (made) => console.log(`${made} of ${count} artifacts`))
  await client.end()
} else {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
}
