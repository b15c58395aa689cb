import { expect, it } from 'vitest'
import { createLoginLimit } from './login-limit.ts'

const minute = 60_000

function setUp() {
  let time = 1_000_000
  const limit = createLoginLimit(() => time)
  const begin = (address = '192.0.2.1', name = 'dana') => limit.begin(address, name)
  const fail = (address?: string, name?: string) => {
    const attempt = begin(address, name)
    if ('wait' in attempt) throw new Error(`has to wait ${attempt.wait} ms`)
    attempt.end(false)
  }
  const waitOf = (address?: string, name?: string) => {
    const attempt = begin(address, name)
    if ('wait' in attempt) return attempt.wait
    attempt.end(true)
    return 0
  }
  const failTimes = (times: number) => {
    for (let n = 0; n < times; n++) fail()
  }
  return { begin, fail, failTimes, waitOf, pass: (ms: number) => (time += ms) }
}

it('delays after five failures, only there and only for that account', () => {
  const { failTimes, waitOf } = setUp()
  failTimes(5)
  expect(waitOf()).toBe(2_000)
  expect(waitOf('192.0.2.1', 'DANA')).toBe(2_000)
  expect(waitOf('::ffff:192.0.2.1')).toBe(2_000)
  expect(waitOf('192.0.2.2')).toBe(0)
  expect(waitOf('192.0.2.1', 'erin')).toBe(0)
})

it('doubles the delay with each further failure, up to a minute', () => {
  const { fail, failTimes, waitOf, pass } = setUp()
  failTimes(5)
  const delays: number[] = []
  for (let n = 0; n < 8; n++) {
    const wait = waitOf()
    delays.push(wait)
    pass(wait)
    fail()
  }
  expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, minute, minute, minute])
})

it('forgets failures that are further apart than a minute', () => {
  const { fail, failTimes, waitOf, pass } = setUp()
  failTimes(4)
  pass(minute + 1)
  fail()
  expect(waitOf()).toBe(0)
})

it('begins anew after a success, and after a quarter of an hour of quiet', () => {
  const { failTimes, waitOf, pass } = setUp()
  failTimes(5)
  pass(2_000)
  expect(waitOf()).toBe(0)
  failTimes(5)
  pass(15 * minute + 1)
  failTimes(4)
  expect(waitOf()).toBe(0)
})

it('counts attempts under way, so that a storm of them gets no further', () => {
  const { begin } = setUp()
  const begun = Array.from({ length: 20 }, () => begin()).filter((attempt) => 'end' in attempt)
  expect(begun).toHaveLength(5)
  for (const { end } of begun) end(false)
  expect(begin()).toEqual({ wait: 2_000 })
})

it('allows one attempt after a delay', () => {
  const { begin, failTimes, pass } = setUp()
  failTimes(5)
  pass(2_000)
  expect([begin(), begin()].map((attempt) => 'end' in attempt)).toEqual([true, false])
})
