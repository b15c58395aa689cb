import { expect, it } from 'vitest'
import { createCsrf } from './csrf.ts'

const key = new Uint8Array(32).fill(7)
const csrf = createCsrf(key, false)
const missing = 'CSRF token not found in request'
const invalid = 'CSRF token invalid'

/** What a browser has after a first answer. */
function meet(from = csrf) {
  const { headers, setCookie } = from.check({ method: 'GET', cookie: undefined, token: undefined })
  return { cookie: setCookie?.split(';')[0], token: headers['X-Harbor-CSRF-Token'] }
}

it('gives a cookie and a token of 88 characters at first sight, and new tokens for the same cookie later', () => {
  const { setCookie, headers, problem } = csrf.check({ method: 'GET', cookie: undefined, token: undefined })
  expect(setCookie).toMatch(/^_gorilla_csrf=[\w-]{86}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/)
  expect(headers).toEqual({ 'X-Harbor-CSRF-Token': expect.stringMatching(/^[\w+/]{86}==$/), Vary: 'Cookie' })
  expect(problem).toBeUndefined()
  const { cookie, token } = meet()
  const again = csrf.check({ method: 'POST', cookie, token })
  expect(again).toMatchObject({ setCookie: undefined, problem: undefined })
  expect(again.headers['X-Harbor-CSRF-Token']).not.toBe(token)
  const other = again.headers['X-Harbor-CSRF-Token']
  expect(csrf.check({ method: 'DELETE', cookie: `a=b; ${cookie}; c=d`, token: other }).problem).toBeUndefined()
})

it('asks for HTTPS where clients use it', () => {
  const { setCookie } = createCsrf(key, true).check({ method: 'GET', cookie: undefined, token: undefined })
  expect(setCookie).toContain('; Secure;')
})

it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('refuses %s without the token, or with one of another cookie', (method) => {
  const { cookie, token } = meet()
  expect(csrf.check({ method, cookie, token: undefined }).problem).toBe(missing)
  expect(csrf.check({ method, cookie, token: '' }).problem).toBe(missing)
  expect(csrf.check({ method, cookie, token: meet().token }).problem).toBe(invalid)
  expect(csrf.check({ method, cookie: undefined, token }).problem).toBe(invalid)
  for (const bad of ['x', 'A'.repeat(88), `AAAA${token}`]) {
    expect(csrf.check({ method, cookie, token: bad }).problem).toBe(invalid)
  }
})

it('trusts only cookies that it signed', () => {
  const { cookie, token } = meet(createCsrf(new Uint8Array(32), false))
  const result = csrf.check({ method: 'POST', cookie, token })
  expect(result.problem).toBe(invalid)
  expect(result.setCookie).toBeDefined()
})

it.each(['GET', 'HEAD', 'OPTIONS'])('lets %s pass', (method) => {
  expect(csrf.check({ method, cookie: undefined, token: undefined }).problem).toBeUndefined()
})
