import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/index.ts'
import { openBucket } from '../../src/content/objects/open-bucket.ts'

/** A real object store, started for a test. */
export interface LiveStore extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Where its files are. */
  readonly folder: string
  /** How many objects it has. */
  readonly objects: () => Promise<number>
  /** Settings that reach it, or `host` that stands before it. */
  readonly env: (host?: string) => Record<string, string>
}

const programs = join(process.env['TOOLS_DIR'] ?? join(homedir(), '.cache', 'registry-tools'), 'bin')

/** Whether a program is where `../shared/tools/install` puts it; says so where it is not. */
export function isInstalled(program: string): boolean {
  const there = existsSync(join(programs, program))
  if (!there) console.log(`content: ${program} is not in ${programs}: no test with it`)
  return there
}

const keys = { accessKeyId: 'fixture', secretAccessKey: 'fixture-secret' }

/** versitygw, which speaks S3, with the bucket `blobs`. */
export async function startS3(): Promise<LiveStore> {
  const folder = mkdtempSync(join(tmpdir(), 'bw-s3-'))
  mkdirSync(join(folder, 'blobs'))
  const host = `127.0.0.1:${await freePort()}`
  const stop = start('versitygw', ['--port', host, '--quiet', 'posix', folder], {
    ROOT_ACCESS_KEY: keys.accessKeyId,
    ROOT_SECRET_KEY: keys.secretAccessKey,
  })
  return await ready(host, folder, stop, (at) => ({
    BREAKWATER_STORE_KIND: 's3',
    BREAKWATER_STORE_S3_BUCKET: 'blobs',
    BREAKWATER_STORE_S3_ENDPOINT: `http://${at}`,
    BREAKWATER_STORE_S3_PATH_STYLE: 'true',
    BREAKWATER_STORE_S3_ACCESS_KEY_ID: keys.accessKeyId,
    BREAKWATER_STORE_S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  }))
}

/** The configuration of a store, as the server reads it. */
export function storeConfig(env: Readonly<Record<string, string>>) {
  return loadConfig({ env })
}

async function ready(
  host: string,
  folder: string,
  stop: () => Promise<void>,
  env: (host: string) => Record<string, string>,
): Promise<LiveStore> {
  const dispose = async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilItAnswers(`http://${host}/`)
  } catch (error) {
    await dispose()
    throw error
  }
  const bucket = await openBucket(storeConfig(env(host)).store)
  return {
    host,
    folder,
    env: (at = host) => env(at),
    objects: async () => (await bucket?.bucket.list('', undefined))?.objects.length ?? 0,
    [Symbol.asyncDispose]: dispose,
  }
}

/** Starts a program; what is returned ends it. */
function start(program: string, args: readonly string[], env: Readonly<Record<string, string>>): () => Promise<void> {
  const child = spawn(join(programs, program), args, { env: { PATH: process.env['PATH'], ...env }, stdio: 'ignore' })
  const gone = once(child, 'exit')
  return async () => {
    child.kill('SIGKILL')
    await gone
  }
}

/** Any answer will do: that of a request without credentials is a refusal. */
async function untilItAnswers(url: string): Promise<void> {
  for (let turn = 0; turn < 400; turn += 1) {
    const response = await fetch(url).catch(() => undefined)
    if (response) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${url} does not answer`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}
