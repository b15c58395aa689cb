/** The PostgreSQL server that Breakwater brings along: for one machine, on a private Unix socket, in the data folder. */
import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import pg from 'pg'
import { findBinaries } from './binaries.ts'
import { ensureCluster, requireOwnFolder, superuser } from './cluster.ts'
import { stopLeftover } from './leftover.ts'
import { lockFolder } from './lock.ts'
import { type Exit, spawnPostmaster } from './postmaster.ts'
import { chooseServerRunAs, commandAs } from './run-as.ts'
import { serverSettings } from './settings.ts'
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts'
import { supervise } from './supervise.ts'

export interface EmbeddedOptions {
  /** Holds the cluster and what belongs to it; made when missing, and private to its owner from then on. */
  readonly dataDir: string
  /** Gets PostgreSQL's log and the supervisor's, line by line. */
  readonly log: (line: string) => void
  /** PostgreSQL settings that replace ours, by name. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface EmbeddedDatabase extends AsyncDisposable {
  /** For node-postgres; `host` is the folder of the socket. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /** The server's pid; another one after a restart. */
  readonly pid: number
  /** Resolves when the server was stopped, or has died too often to be started again. */
  readonly exited: Promise<Exit>
  /** Ends all sessions and stops the server; safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts the server on the cluster in `dataDir`, which it makes on the first start, and keeps it running.
 * Resolves when the database accepts connections. Throws, with the remedy, when the folder is in use by another
 * process, was made by another major version, or PostgreSQL cannot run here.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { log, settings = {} } = options
  const dataDir = resolve(options.dataDir)
  // In two steps: the mode would go to every folder made, and another account could not pass the ones above.
  mkdirSync(dirname(dataDir), { recursive: true })
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  requireOwnFolder(dataDir)
  const release = lockFolder(dataDir)
  try {
    const binaries = findBinaries(join(dataDir, 'lib'))
    const runAs = chooseServerRunAs(binaries, dataDir)
    const cluster = await ensureCluster(dataDir, binaries, runAs, settings['fsync'] !== 'off')
    await stopLeftover(cluster, log)
    const host = makeSocketFolder(dataDir, runAs.owner)
    const args = ['-D', cluster, ...serverSettings(host, settings)]
    const command = commandAs(runAs, binaries.env, binaries.postgres, args)
    const supervised = await supervise(() => spawnPostmaster(command, cluster, log), log)
    const connection = { host, port: 5432, user: superuser, database: 'breakwater' }
    await createDatabase(connection).catch(async (error: unknown) => {
      await supervised.stop()
      throw error
    })
    const exited = supervised.exited.finally(() => {
      removeSocketFolder(host)
      release()
    })
    async function stop(): Promise<void> {
      await supervised.stop()
      await exited
    }
    return {
      connection,
      get pid() {
        return supervised.pid
      },
      exited,
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    release()
    throw error
  }
}

async function createDatabase({ database, ...connection }: EmbeddedDatabase['connection']): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' })
  await client.connect()
  try {
    const found = await client.query('select from pg_database where datname = $1', [database])
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`)
  } finally {
    await client.end()
  }
}
