import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
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
  /** Settings that name a bucket which is not there. */
  readonly absent: () => Record<string, string>
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
  const stop = start('versitygw', ['--port', host, '--quiet', '--keep-alive', 'posix', folder], {
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

/** The account and key that azurite knows, as its documentation says them. */
const azurite = {
  account: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
}

/** azurite, which speaks Azure Blob Storage, with the container `blobs`. */
export async function startAzure(): Promise<LiveStore> {
  const folder = mkdtempSync(join(tmpdir(), 'bw-azure-'))
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const args = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder, '--silent']
  const stop = start('azurite-blob', [...args, '--skipApiVersionCheck', '--disableTelemetry'], {})
  const store = await ready(host, folder, stop, (at) => ({
    BREAKWATER_STORE_KIND: 'azure',
    BREAKWATER_STORE_AZURE_CONTAINER: 'blobs',
    BREAKWATER_STORE_AZURE_ENDPOINT: `http://${at}/${azurite.account}`,
    BREAKWATER_STORE_AZURE_ACCOUNT: azurite.account,
    BREAKWATER_STORE_AZURE_ACCOUNT_KEY: azurite.key,
  }))
  const credential = new StorageSharedKeyCredential(azurite.account, azurite.key)
  await new ContainerClient(`http://${host}/${azurite.account}/blobs`, credential).create()
  return store
}

/** fake-gcs-server, which speaks the API of Google Cloud Storage, with the bucket `blobs`. */
export async function startGcs(): Promise<LiveStore> {
  const folder = mkdtempSync(join(tmpdir(), 'bw-gcs-'))
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const credentialsFile = join(folder, 'credentials.json')
  writeFileSync(credentialsFile, serviceAccount())
  const args = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory']
  const stop = start('fake-gcs-server', [...args, '-public-host', host], {})
  const store = await ready(host, folder, stop, (at) => ({
    BREAKWATER_STORE_KIND: 'gcs',
    BREAKWATER_STORE_GCS_BUCKET: 'blobs',
    BREAKWATER_STORE_GCS_ENDPOINT: `http://${at}`,
    BREAKWATER_STORE_GCS_CREDENTIALS_FILE: credentialsFile,
  }))
  const body = JSON.stringify({ name: 'blobs' })
  await fetch(`http://${host}/storage/v1/b?project=fixture`, { method: 'POST', body })
  return store
}

/** The key of an account that signs addresses; nobody checks it. */
function serviceAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return JSON.stringify({
    type: 'service_account',
    project_id: 'fixture',
    client_email: 'fixture@fixture.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  })
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
    absent: () =>
      Object.fromEntries(
        Object.entries(env(host)).map(([name, value]) => [name, value === 'blobs' ? 'absent' : value]),
      ),
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
