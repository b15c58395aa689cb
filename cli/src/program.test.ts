import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bw-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('BREAKWATER_'))
  return spawn(process.execPath, [main, ...args], {
    env: { ...Object.fromEntries(inherited), BREAKWATER_DATA_DIR: join(folder, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function run(args: readonly string[], env?: NodeJS.ProcessEnv) {
  const child = start(args, env)
  const closed = once(child, 'close')
  const [out, err] = await Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')))
  const [code]: unknown[] = await closed
  return { code, out: out ?? '', err: err ?? '' }
}

describe('usage', () => {
  test.each([[['--help']], [['serve', '--help']], [['help', 'doctor']]])('%j explains itself', async (args) => {
    const { code, out } = await run(args)
    expect(code).toBe(0)
    expect(out).toContain('Exit codes:')
  })

  test.each([[['frobnicate']], [['serve', '--nope']], [['serve', 'extra']], [[]]])(
    '%j is wrong usage',
    async (args) => {
      const { code, err } = await run(args)
      expect(code).toBe(2)
      expect(err).not.toBe('')
    },
  )
})

describe('configuration', () => {
  test('its problems end every command with 2', async () => {
    for (const command of ['serve', 'migrate', 'config']) {
      const { code, err } = await run([command], { BREAKWATER_LISTN: 'x' })
      expect(code).toBe(2)
      expect(err).toContain('BREAKWATER_LISTN: unknown variable. Did you mean BREAKWATER_LISTEN?')
    }
  })

  test('doctor reports its problems as findings', async () => {
    const { code, out } = await run(['doctor', '--json'], { BREAKWATER_LISTN: 'x' })
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject([{ check: 'configuration', status: 'failed' }])
  })

  test('what is in effect is printed with its place', async () => {
    const { code, out } = await run(['config', '--json'], { BREAKWATER_ADMIN_PASSWORD: 'correct horse' })
    expect(code).toBe(0)
    expect(out).not.toContain('correct horse')
    expect(JSON.parse(out)).toContainEqual({ key: 'listen', value: '127.0.0.1:8080', place: 'default' })
    expect((await run(['config'])).out).toMatch(/^listen +127\.0\.0\.1:8080 +default$/m)
  })
})

describe('serve', () => {
  const listen = { BREAKWATER_LISTEN: '127.0.0.1:0' }

  async function greeting(child: ChildProcess): Promise<string> {
    let said = ''
    for await (const chunk of child.stdout ?? []) {
      said += String(chunk)
      if (said.includes('Ctrl-C stops it.')) break
    }
    return said
  }

  test('says what to do, is seen by doctor, and stops when asked', async () => {
    const child = start(['serve'], listen)
    const closed = once(child, 'close')
    try {
      const said = await greeting(child)
      const [, registry = ''] = /Address +http:\/\/(\S+)/.exec(said) ?? []
      expect(said).toContain(`password in ${join(folder, 'data', 'admin-password')}`)
      expect(said).toContain(`docker login -u admin ${registry} --password-stdin < `)
      expect(said).toContain(`docker pull ${registry}/library/hello-world`)
      expect((await fetch(`http://${registry}/v2/`)).status).toBe(401)

      const doctor = await run(['doctor', '--json'])
      expect(JSON.parse(doctor.out)).toContainEqual({
        check: 'database',
        status: 'ok',
        message: expect.stringContaining(', embedded'),
      })
      const second = await run(['serve'], { BREAKWATER_LISTEN: registry })
      expect(second.code).toBe(1)
      expect(second.err).toContain('is in use by another Breakwater server')
    } finally {
      child.kill('SIGINT')
    }
    expect(await closed).toEqual([0, null])
  }, 60_000)

  test('a port in use is told in a sentence', async () => {
    const child = start(['serve'], listen)
    const closed = once(child, 'close')
    try {
      const [, registry = ''] = /Address +http:\/\/(\S+)/.exec(await greeting(child)) ?? []
      const other = { BREAKWATER_LISTEN: registry, BREAKWATER_DATA_DIR: join(folder, 'other') }
      const second = await run(['serve'], other)
      expect(second.code).toBe(1)
      expect(second.err).toMatch(/^breakwater: Another program listens on 127\.0\.0\.1 port \d+\./m)
    } finally {
      child.kill('SIGTERM')
    }
    expect(await closed).toEqual([0, null])
  }, 60_000)
})
