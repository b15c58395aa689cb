import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Db } from '../metadata/index.ts'
import { defaultSettings } from '../settings/index.ts'
import { createAuthenticator } from './authenticate.ts'
import { createRobotSecrets } from './robot.ts'
import { createTokens } from './token.ts'

const here = '192.0.2.1'
const minute = 60_000
const key = new Uint8Array(32)

let time = 1_000_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  vi.spyOn(performance, 'now').mockImplementation(() => time)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function pass(ms: number): void {
  time += ms
  vi.advanceTimersByTime(ms)
}

/** One user, dana, whose password is `right`; no robots. */
function setUp() {
  const hashed: string[] = []
  const passwords = {
    hash: () => Promise.reject(new Error('nothing is hashed here')),
    matches: (stored: string | undefined, password: string) => {
      hashed.push(password)
      return Promise.resolve(stored !== undefined && password === 'right')
    },
  }
  const dana = { id: 3, name: 'dana', passwordHash: 'x', systemAdmin: false, revision: 1 }
  const query = ({ name, values }: { name: string; values: string[] }) =>
    Promise.resolve({ rows: name === 'user-find' && values[0] === 'dana' ? [dana] : [] })
  const { authenticate, login, forget } = createAuthenticator({
    db: { query } as unknown as Db,
    tokens: createTokens(key),
    robotSecrets: createRobotSecrets(key),
    settings: { current: () => Promise.resolve(defaultSettings), forget: () => undefined },
    passwords,
  })
  const basic = (password: string, name = 'dana') => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  const outcome = async (password: string, { name = 'dana', from = here } = {}) => {
    try {
      return (await authenticate(basic(password, name), from)).ok ? 'good' : 'bad'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return { hashed, outcome, login, forget: (password: string) => forget(basic(password)) }
}

it('hashes a password once a minute at most, however often it is used', async () => {
  const { hashed, outcome } = setUp()
  expect(await Promise.all(Array.from({ length: 20 }, () => outcome('right')))).toEqual(Array(20).fill('good'))
  pass(minute - 1)
  expect(await outcome('right')).toBe('good')
  expect(hashed).toEqual(['right'])
  pass(2)
  expect(await outcome('right')).toBe('good')
  expect(hashed).toEqual(['right', 'right'])
})

it('does not remember a wrong password', async () => {
  const { hashed, outcome } = setUp()
  expect([await outcome('wrong'), await outcome('wrong')]).toEqual(['bad', 'bad'])
  expect(hashed).toEqual(['wrong', 'wrong'])
})

it('refuses without a hash after five wrong ones, but not from elsewhere and not other accounts', async () => {
  const { hashed, outcome } = setUp()
  for (let n = 0; n < 5; n++) expect(await outcome(`wrong${n}`)).toBe('bad')
  expect(await outcome('right')).toBe('TOOMANYREQUESTS')
  expect(hashed).toHaveLength(5)
  expect(await outcome('right', { from: '192.0.2.2' })).toBe('good')
  expect(await outcome('wrong', { name: 'erin' })).toBe('bad')
})

it('tells how long to wait', async () => {
  const { outcome, login } = setUp()
  for (let n = 0; n < 5; n++) await outcome('wrong')
  await expect(login('dana', 'right', here)).rejects.toMatchObject({
    code: 'TOOMANYREQUESTS',
    headers: { 'Retry-After': '2' },
  })
})

it('lets a password through that was right before, also when it has to be checked anew', async () => {
  const { hashed, outcome, forget } = setUp()
  expect(await outcome('right')).toBe('good')
  for (let n = 0; n < 5; n++) await outcome('wrong')
  expect(await outcome('wrong')).toBe('TOOMANYREQUESTS')
  expect(await outcome('right')).toBe('good')
  pass(minute + 1)
  for (let n = 0; n < 2; n++) await outcome('wrong')
  expect(await outcome('wrong')).toBe('TOOMANYREQUESTS')
  forget('right')
  expect(await outcome('right')).toBe('good')
  expect(hashed.filter((password) => password === 'right')).toHaveLength(2)
})
