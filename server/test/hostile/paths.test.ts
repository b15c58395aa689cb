import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, errorOf } from '../client.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { openWire } from '../wire.ts'
import { expectNoLeak, restingFiles } from './open-files.ts'

const registry = sharedRegistry()
let before = 0
beforeAll(async () => {
  await pushImage(registry(), 'library/app', 'v1')
  before = await restingFiles(registry())
})
afterAll(() => expectNoLeak(before))

/** A refusal that blames the client, in the form of the specification. */
function expectRefusal(answer: Answer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.status).toBeLessThan(500)
  if (answer.text !== '') expect(errorOf(answer).code).toMatch(/^[A-Z_]+$/)
}

const names = [
  'UPPER/case',
  'single',
  '-a/b',
  'a/b-',
  'a//b',
  'a/./b',
  'a/../b',
  'a/b%2fc',
  'a%2fb',
  'a/b%00',
  'a/b%0a',
  'a/b%c3%a9',
  'a/b%ff',
  'a/b%25',
  `a/${'b'.repeat(255)}`,
  `a/${'b/'.repeat(2000)}c`,
  'a/b__c___d',
  '__proto__/x',
  'a/constructor%20',
]

describe('the name', () => {
  it.each(names)('%s is refused everywhere', async (name) => {
    const zeros = `sha256:${'0'.repeat(64)}`
    for (const [method, rest] of [
      ['GET', 'manifests/v1'],
      ['PUT', 'manifests/v1'],
      ['HEAD', `blobs/${zeros}`],
      ['POST', 'blobs/uploads/'],
      ['GET', 'tags/list'],
      ['GET', `referrers/${zeros}`],
      ['DELETE', 'manifests/v1'],
    ] as const) {
      expectRefusal(await registry().ask(method, `/v2/${name}/${rest}`))
    }
  })

  it('that is malformed is told from one that is not there', async () => {
    const malformed = await registry().ask('GET', '/v2/library/UPPER/manifests/v1')
    expect(malformed.status).toBe(400)
    expect(errorOf(malformed)).toEqual({
      code: 'NAME_INVALID',
      message: 'invalid repository name: library/UPPER',
      detail: { name: 'library/UPPER' },
    })
  })

  it('may hold the words of the specification', async () => {
    const names = ['library/blobs', 'library/manifests/tags', 'library/blobs/uploads', 'library/referrers/list']
    for (const name of names) {
      const image = await pushImage(registry(), name, 'list')
      const answer = await registry().ask('GET', `/v2/${name}/manifests/list`)
      expect(answer.bytes.equals(image.bytes)).toBe(true)
      expect((await registry().ask('GET', `/v2/${name}/tags/list`)).status).toBe(200)
    }
  })
})

describe('the path', () => {
  it.each([
    '/v2/%',
    '/v2/%zz/manifests/v1',
    '/v2/library/%e0%a4%a/manifests/v1',
    '/v2/library/app/manifests/%',
    '/v2/library/app/manifests/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/v2/library/app/manifests/..%2f..',
    '/v2/library/app/blobs/sha256:..%2f..%2f..',
    '/v2/library/app/blobs/sha256%3Azz',
    '/v2/library/app/blobs/uploads/..%2f..%2fblobs',
    '/v2/library/app/unknown/v1',
    '/v2/_catalog/x',
    '/v2/_unknown',
    '/v2//',
    '/v2/library/app/manifests/',
    '/v2/library/app/manifests',
    '/v2/library/app/manifests/v1/',
    '/v2/library/app/manifests/a b',
    `/v2/library/app/manifests/${'a'.repeat(10_000)}`,
    '/V2/',
    '/v1/_ping',
  ])('%s is refused', async (path) => {
    await using wire = await openWire(registry().origin)
    await wire.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\nConnection: close\r\n\r\n`)
    expect(await wire.received(2000)).toMatch(/^HTTP\/1\.1 4\d\d /)
  })

  it.each(['OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'M-SEARCH', 'LOCK'])(
    'is not for the method %s',
    async (method) => {
      for (const path of ['/v2/', '/v2/library/app/manifests/v1', '/service/token', '/api/v2.0/projects']) {
        expectRefusal(await registry().ask(method, path))
      }
    },
  )

  it.each([
    ['POST', '/v2/'],
    ['POST', '/v2/library/app/manifests/v1'],
    ['PUT', '/v2/library/app/blobs/uploads/'],
    ['GET', '/v2/library/app/blobs/uploads/'],
    ['DELETE', '/v2/library/app/tags/list'],
    ['PATCH', '/v2/library/app/manifests/v1'],
    ['DELETE', '/v2/_catalog'],
  ])('is not for %s %s', async (method, path) => {
    const answer = await registry().ask(method, path)
    expect(answer.status).toBe(405)
    expect(errorOf(answer)).toEqual({ code: 'METHOD_NOT_ALLOWED', message: `${method} is not allowed here` })
  })

  it.each([
    ['/v2/', 'GET, HEAD'],
    ['/v2/_catalog', 'GET, HEAD'],
    ['/v2/library/app/manifests/v1', 'GET, HEAD, PUT, DELETE'],
    ['/v2/library/app/blobs/uploads/', 'POST'],
    ['/v2/library/app/tags/list', 'GET, HEAD'],
  ])('%s says to OPTIONS what it is for, without a login', async (path, methods) => {
    const answer = await registry().ask('OPTIONS', path, { auth: undefined })
    expect([answer.status, answer.headers.allow]).toEqual([405, methods])
    expect(errorOf(answer)).toEqual({ code: 'METHOD_NOT_ALLOWED', message: 'OPTIONS is not allowed here' })
  })

  it('may be anything without harm', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((raw) => encodeURIComponent(raw.toWellFormed()))
    const word = fc.constantFrom(
      'library',
      'app',
      'manifests',
      'blobs',
      'uploads',
      'tags',
      'list',
      'referrers',
      'v1',
      '%2e%2e',
      '',
    )
    const segments = fc.array(fc.oneof(word, text), { maxLength: 7 })
    const methods = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE')
    const property = fc.asyncProperty(methods, segments, async (method, parts) => {
      const answer = await registry().ask(method, `/v2/${parts.join('/')}`)
      expect(answer.status).toBeLessThan(500)
    })
    await fc.assert(property, { numRuns: 150, examples: [['GET', ['library', 'app', 'manifests', 'v1']]] })
  })
})

describe('the query', () => {
  it.each(['n=1&n=2', 'n=%00', 'last=%ff', `x=${'y'.repeat(8000)}`, '&&&==', 'n', '%', 'n=1%'])(
    '%s does no harm',
    async (query) => {
      for (const path of ['/v2/library/app/tags/list', '/v2/_catalog', '/service/token']) {
        expect((await registry().ask('GET', `${path}?${query}`)).status).toBeLessThan(500)
      }
    },
  )

  it('over what a server reads is refused', async () => {
    const answer = await registry().ask('GET', `/v2/library/app/tags/list?x=${'y'.repeat(40_000)}`)
    expect(answer.status).toBe(431)
  })
})
