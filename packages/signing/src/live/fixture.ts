import { execFile, spawn } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Digest, digestOf, type Manifest, mediaType, parseDigest, parseManifest } from '@breakwater/oci'
import type { Evidence } from '../evidence.ts'
import { evidenceLayers, parseEvidence } from '../parse-evidence.ts'

/** For tests with the real cosign: the programs, a registry for them, and what they leave there. */
export interface Stage {
  readonly host: string
  readonly folder: string
  /** Runs a program; its code, and its last line for the reader of a failed test. */
  readonly run: (program: string, args: readonly string[], env?: Record<string, string>) => Promise<Ran>
  readonly close: () => Promise<void>
}

export interface Ran {
  readonly code: number
  readonly said: string
}

export interface Program {
  readonly name: 'distribution' | 'crane'
  readonly args: (port: number, folder: string) => readonly string[]
}

export const registries: readonly Program[] = [
  { name: 'distribution', args: (_, folder) => ['serve', join(folder, 'registry.yml')] },
  { name: 'crane', args: (port) => ['registry', 'serve', '--address', `127.0.0.1:${port}`] },
]

/** The folder of the tools that `../shared/tools/install` puts there. */
export function programsIn(folder = join(homedir(), '.cache', 'registry-tools')): string {
  return join(folder, 'bin')
}

export function missing(programs: string, names: readonly string[]): string[] {
  return names.filter((name) => !existsSync(join(programs, name)))
}

/** Starts a registry on a free port, with a folder of its own for everything. */
export async function startStage(programs: string, registry: Program): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'bw-signing-'))
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  await writeFile(join(folder, 'registry.yml'), configuration(folder, host))
  const stop = start(join(programs, registry.name), registry.args(port, folder), folder)
  const close = async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await answers(`http://${host}/v2/`)
  } catch (error) {
    await close()
    throw error
  }
  const run: Stage['run'] = (program, args, env = {}) =>
    new Promise((resolve) => {
      const options = { cwd: folder, env: { HOME: folder, COSIGN_PASSWORD: '', ...env }, timeout: 60_000 }
      execFile(join(programs, program), args, options, (error, _, stderr) => {
        const code = error ? Number(error.code ?? -1) : 0
        resolve({ code, said: error ? stderr.trim().slice(-300) : '' })
      })
    })
  return { host, folder, run, close }
}

/** Starts a program; what is returned ends it. */
export function start(path: string, args: readonly string[], folder: string): () => Promise<void> {
  const child = spawn(path, args, { cwd: folder, env: { HOME: folder }, stdio: 'ignore' })
  const gone = once(child, 'exit')
  return async () => {
    child.kill()
    await gone
  }
}

export async function answers(url: string): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${url} does not answer`)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}

function configuration(folder: string, host: string): string {
  const storage = { filesystem: { rootdirectory: join(folder, 'store') } }
  const log = { level: 'error', accesslog: { disabled: true } }
  return JSON.stringify({ version: 0.1, storage, http: { addr: host }, log })
}

/** A key pair of a type, imported as `<name>.key` and `<name>.pub`; the public key in PEM. */
export async function importKey(stage: Stage, name: string, type: KeyType): Promise<string> {
  const { privateKey, publicKey } = keyPair(type)
  const secret = privateKey.export({ format: 'pem', type: 'pkcs8' })
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  await writeFile(join(stage.folder, `${name}.pem`), secret, { mode: 0o600 })
  const args = ['import-key-pair', '--key', `${name}.pem`, '--output-key-prefix', name, '--yes']
  const { code, said } = await stage.run('cosign', args)
  if (code !== 0) throw new Error(said)
  return pem
}

export type KeyType = 'P-256' | 'P-384' | 'P-521' | 'RSA 2048' | 'RSA 4096' | 'Ed25519'

function keyPair(type: KeyType): { privateKey: KeyObject; publicKey: KeyObject } {
  if (type === 'Ed25519') return generateKeyPairSync('ed25519')
  if (type.startsWith('RSA')) return generateKeyPairSync('rsa', { modulusLength: Number(type.slice(4)) })
  return generateKeyPairSync('ec', { namedCurve: type })
}

/** Pushes an artifact that is like no other, and returns its digest. */
export async function pushSubject(host: string, repository: string): Promise<Digest> {
  const content = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', author: repository }))
  const digest = digestOf(content)
  const upload = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(upload.headers.get('location') ?? '', `http://${host}`)
  location.searchParams.set('digest', digest)
  await put(location, content, 'application/octet-stream')
  const config = { mediaType: mediaType.ociConfig, digest, size: content.length }
  const document = { schemaVersion: 2, mediaType: mediaType.ociManifest, config, layers: [config] }
  const manifest = Buffer.from(JSON.stringify(document))
  await put(new URL(`http://${host}/v2/${repository}/manifests/1`), manifest, mediaType.ociManifest)
  return digestOf(manifest)
}

async function put(url: URL, body: Buffer<ArrayBuffer>, type: string): Promise<void> {
  const response = await fetch(url, { method: 'PUT', body, headers: { 'content-type': type } })
  if (response.status !== 201) throw new Error(`PUT ${url.pathname}: ${response.status} ${await response.text()}`)
}

/** What was found beside an image: its manifest, and what it was read as. */
export interface Attached {
  readonly manifest: Manifest
  readonly evidence: readonly Evidence[]
}

/** All evidence of an image: on the tags of cosign 2, and in the list of referrers or, without one, its fallback tag. */
export async function attachedTo(host: string, repository: string, subject: Digest): Promise<Attached[]> {
  const tag = subject.replace(':', '-')
  const base = `http://${host}/v2/${repository}`
  const lists = [`${base}/referrers/${subject}`, `${base}/manifests/${tag}`]
  const listed = (await Promise.all(lists.map(readReferrers))).flat()
  const references = [`${tag}.sig`, `${tag}.att`, ...new Set(listed)]
  const found = await Promise.all(references.map((reference) => readAttached(base, reference)))
  return found.flatMap((one) => (one ? [one] : []))
}

async function readReferrers(url: string): Promise<string[]> {
  const response = await fetch(url, { headers: { accept: mediaType.ociIndex } })
  if (!response.ok) return []
  const index = parseManifest(Buffer.from(await response.arrayBuffer()), mediaType.ociIndex)
  return index.kind === 'index' ? index.manifests.map(({ digest }) => digest) : []
}

async function readAttached(base: string, reference: string): Promise<Attached | undefined> {
  const accept = `${mediaType.ociManifest}, ${mediaType.dockerManifest}`
  const response = await fetch(`${base}/manifests/${reference}`, { headers: { accept } })
  if (response.status === 404) return undefined
  const type = response.headers.get('content-type') ?? undefined
  const manifest = parseManifest(Buffer.from(await response.arrayBuffer()), type)
  const content = new Map<Digest, Buffer>()
  for (const { digest } of evidenceLayers(manifest)) {
    const blob = await fetch(`${base}/blobs/${parseDigest(digest)}`)
    content.set(digest, Buffer.from(await blob.arrayBuffer()))
  }
  return { manifest, evidence: parseEvidence(manifest, content) }
}
