import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf, runCommand } from '../support/command.ts'
import type { Account } from '../support/http.ts'

/** The real cosign of both versions, as one account uses it, with nothing of theirs outside a folder. */
export interface Cosign {
  /** Makes a key pair `NAME.key` and `NAME.pub`; returns the public key. */
  readonly makeKey: (name: string) => Promise<string>
  readonly sign: (layout: Layout, key: string, image: string) => Promise<void>
  readonly verify: (layout: Layout, key: string, image: string) => Promise<Asked>
  readonly verifyAttestation: (key: string, image: string) => Promise<Asked>
}

export const cosignVersions = ['cosign', 'cosign3'] as const
export type CosignVersion = (typeof cosignVersions)[number]

/** What cosign said; `unable`: it cannot read such a layout without a network. */
export interface Answer {
  readonly said: 'verified' | 'refused' | 'unable'
  /** Its error in brackets, shortened; empty where it verified. */
  readonly why: string
}
/** What both versions said. */
export type Asked = Readonly<Record<CosignVersion, Answer>>

/** Who writes what, and how: each is a row of the table. */
export const layouts = {
  'cosign 2 tag': { program: 'cosign', command: 'sign', options: [] },
  'cosign 2 referrer': { program: 'cosign', command: 'sign', options: ['--registry-referrers-mode=oci-1-1'] },
  'cosign 3 bundle': { program: 'cosign3', command: 'sign', options: ['--use-signing-config=false'] },
  'cosign 2 attestation': { program: 'cosign', command: 'attest', options: [] },
  'cosign 3 attestation': { program: 'cosign3', command: 'attest', options: ['--use-signing-config=false'] },
} as const
export type Layout = keyof typeof layouts

/** What is attested: no more than that something else than a signature is signed. */
const predicateType = 'https://example.com/scan-failed'

const plain = ['--allow-insecure-registry', '--allow-http-registry']

/** One that goes through 1,000 signatures asks for each of them. */
const timeoutMs = 400_000

export function createCosign(folder: string, host: string, { user, password }: Account): Cosign {
  const home = join(folder, `cosign-${user}`)
  mkdirSync(home, { recursive: true })
  const auth = Buffer.from(`${user}:${password}`).toString('base64')
  writeFileSync(join(home, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }))
  writeFileSync(join(home, 'predicate.json'), '{"failed":true}')
  const env = { HOME: home, DOCKER_CONFIG: home, COSIGN_PASSWORD: '' }
  // What is experimental is asked for by an environment variable as well.
  const place = (layout?: Layout) => ({
    cwd: folder,
    timeoutMs,
    env: { ...env, ...(layout === 'cosign 2 referrer' && { COSIGN_EXPERIMENTAL: '1' }) },
  })
  const ask = async (args: readonly string[], layout?: Layout): Promise<Asked> => {
    const one = async (version: CosignVersion) => {
      const { status, text } = await runCommand(version, args, place(layout))
      return answerOf(status, text)
    }
    const [cosign, cosign3] = await Promise.all([one('cosign'), one('cosign3')])
    return { cosign, cosign3 }
  }
  return {
    async makeKey(name) {
      await outputOf('cosign', ['generate-key-pair', '--output-key-prefix', name], place())
      return readFileSync(join(folder, `${name}.pub`), 'utf8')
    },
    async sign(layout, key, image) {
      const { program, command, options } = layouts[layout]
      const predicate = ['--type', predicateType, '--predicate', join(home, 'predicate.json')]
      const about = command === 'attest' ? predicate : []
      const args = [
        command,
        '--key',
        `${key}.key`,
        '--yes',
        '--tlog-upload=false',
        ...options,
        ...about,
        ...plain,
        image,
      ]
      await outputOf(program, args, place(layout))
    },
    verify(layout, key, image) {
      const mode = layout === 'cosign 2 referrer' ? ['--experimental-oci11'] : []
      return ask(['verify', '--key', `${key}.pub`, '--insecure-ignore-tlog', ...mode, ...plain, image], layout)
    },
    verifyAttestation: (key, image) =>
      ask([
        ...['verify-attestation', '--key', `${key}.pub`, '--insecure-ignore-tlog', '--type', predicateType],
        ...[...plain, image],
      ]),
  }
}

function answerOf(status: number | null, text: string): Answer {
  if (status === 0) return { said: 'verified', why: '' }
  const error = /^Error: (.*)/ms.exec(text)?.[1]?.split('\n')[0] ?? text
  const why = ` (${error.slice(0, 120)})`
  return { said: error.includes('trusted root is required') ? 'unable' : 'refused', why }
}
