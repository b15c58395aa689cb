import { expect, test } from 'vitest'
import { RegistryError, statusOf } from './error.ts'

test('an error knows its status, detail, headers and cause', () => {
  const cause = new Error('inner')
  const error = new RegistryError('TOOMANYREQUESTS', 'slow down', {
    detail: { limit: 3 },
    headers: { 'Retry-After': '1' },
    cause,
  })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({
    name: 'RegistryError',
    code: 'TOOMANYREQUESTS',
    message: 'slow down',
    status: 429,
    detail: { limit: 3 },
    headers: { 'Retry-After': '1' },
    cause,
  })
})

test('detail, headers and cause may be left out', () => {
  const error = new RegistryError('NAME_UNKNOWN', 'no such repository')
  expect(error.detail).toBeUndefined()
  expect(error.headers).toEqual({})
  expect('cause' in error).toBe(false)
})

test('every code is an upper-case word with an error status', () => {
  for (const [code, status] of Object.entries(statusOf)) {
    expect(code).toMatch(/^[A-Z_]+$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
  }
})
