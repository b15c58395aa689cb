/**
 * A process that imports what is waiting, until it is killed. Its arguments: the connection as JSON, the data folder, and
 * the stage at which it says so and stands still.
 */
import pg from 'pg'
import { pino } from 'pino'
import { loadConfig } from '../../src/config/index.ts'
import { openStore } from '../../src/content/index.ts'
import { createJobs } from '../../src/jobs/index.ts'
import { createVulnDatabase } from '../../src/vulndb/index.ts'

const [connectionText = '', dataDir = '', standing] = process.argv.slice(2)
const connection = JSON.parse(connectionText)
const pool = new pg.Pool({ ...connection, max: 6 })
const log = pino({ level: 'silent' })
const config = loadConfig({ env: { BREAKWATER_DATA_DIR: dataDir, BREAKWATER_VULNDB_SOURCE: 'none' } })
const jobs = await createJobs({ connection, pool }, log, { works: true })
const database = { pool, connection }
const vulndb = createVulnDatabase({ database, jobs, store: await openStore(config), config, hosts: () => [], log })
const stand = async (stage: string) => {
  console.log(stage)
  if (stage === standing) await new Promise(() => undefined)
}
await vulndb.start({ prepare: () => stand('prepare'), complete: () => stand('complete') })
console.log('started')
