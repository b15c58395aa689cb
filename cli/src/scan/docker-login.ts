import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface Login {
  readonly user: string
  readonly password: string
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

/** Docker keeps its own registry under this name. */
const dockerHub = 'https://index.docker.io/v1/'

/**
 * The login that `docker login` left for a registry in `config.json` of `folder` (default: `~/.docker`), there or in the
 * credential store that it names. Undefined where there is none.
 */
export async function dockerLogin(host: string, folder = join(homedir(), '.docker')): Promise<Login | undefined> {
  const config = await readConfig(join(folder, 'config.json'))
  const keys = host === 'registry-1.docker.io' ? [dockerHub, 'docker.io'] : [host, `https://${host}`, `http://${host}`]
  for (const key of keys) {
    const helper = config.credHelpers?.[key] ?? config.credsStore
    const login = readAuth(config.auths?.[key]?.auth) ?? (helper ? await askHelper(helper, key) : undefined)
    if (login) return login
  }
  return undefined
}

async function readConfig(path: string): Promise<DockerConfig> {
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    return JSON.parse(content) as DockerConfig
  } catch {
    throw new Error(`${path} is no JSON: repair it, or name another folder in DOCKER_CONFIG.`)
  }
}

function readAuth(auth: string | undefined): Login | undefined {
  const pair = Buffer.from(auth ?? '', 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon > 0 ? { user: pair.slice(0, colon), password: pair.slice(colon + 1) } : undefined
}

/** docker-credential-helpers: the registry's name goes in, JSON comes out; no login ends with an error. */
async function askHelper(helper: string, key: string): Promise<Login | undefined> {
  if (!/^[\w.-]+$/.test(helper)) return undefined
  const child = spawn(`docker-credential-${helper}`, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], timeout: 30_000 })
  const closed = once(child, 'close').catch(() => [1])
  child.stdin.on('error', () => undefined)
  child.stdin.end(key)
  const [answer, [status]] = await Promise.all([text(child.stdout), closed])
  if (status !== 0) return undefined
  const { Username, Secret } = JSON.parse(answer) as { Username?: string; Secret?: string }
  return Username && Secret ? { user: Username, password: Secret } : undefined
}
