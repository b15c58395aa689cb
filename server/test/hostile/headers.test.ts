import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic } from '../client.ts'
import { blobOf, pushBlob, pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { openWire } from '../wire.ts'
import { expectNoLeak, restingFiles } from './open-files.ts'

const registry = sharedRegistry()
const blob = blobOf('0123456789')
let before = 0
beforeAll(async () => {
  await pushImage(registry(), 'library/app', 'v1')
  await pushBlob(registry(), 'library/app', blob)
  before = await restingFiles(registry())
})
afterAll(() => expectNoLeak(before))

/** Sends bytes as they are and returns everything that comes back. */
async function raw(bytes: string, wait?: number): Promise<string> {
  await using wire = await openWire(registry().origin)
  await wire.send(bytes)
  return await wire.received(wait)
}

const head = (...lines: string[]) =>
  `${['GET /v2/ HTTP/1.1', 'Host: x', `Authorization: ${admin}`, ...lines].join('\r\n')}\r\n`
const answers = (text: string) => text.match(/HTTP\/1\.1 \d{3} /g)?.map((line) => Number(line.slice(9, 12))) ?? []

describe('credentials', () => {
  it.each([
    '',
    'Basic',
    'Basic ',
    'Basic !!!',
    'Basic OjpAQA==',
    `Basic ${'A'.repeat(12_000)}`,
    'Bearer',
    'Bearer a.b.c',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
    `Bearer ${'.'.repeat(10_000)}`,
    'Negotiate x',
    'basic\tx',
    '\u00e9',
  ])('%s are refused', async (auth) => {
    const text = await raw(
      `GET /v2/library/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${auth}\r\nConnection: close\r\n\r\n`,
    )
    expect(answers(text)).toEqual([401])
  })

  it('that were signed by somebody else, or not at all, are refused', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = {
      iss: 'harbor-token-issuer',
      aud: 'harbor-registry',
      sub: 'admin',
      uid: 1,
      rev: 1,
      exp: 9_999_999_999,
      access: [{ type: 'repository', name: 'library/app', actions: ['pull', 'push', 'delete'] }],
    }
    for (const alg of ['none', 'HS256', 'RS256']) {
      const auth = `Bearer ${part({ alg, typ: 'JWT' })}.${part(claims)}.${alg === 'none' ? '' : 'AAAA'}`
      expect((await registry().ask('GET', '/v2/library/app/manifests/v1', { auth })).status).toBe(401)
    }
  })

  it('with a colon in the password are those that were set', async () => {
    const body = JSON.stringify({ username: 'colon', password: 'Pass:w0rd:x', email: 'c@example.com', realname: 'c' })
    await registry().ask('POST', '/api/v2.0/users', { body, headers: { 'content-type': 'application/json' } })
    expect((await registry().ask('GET', '/v2/', { auth: basic('colon', 'Pass:w0rd:x') })).status).toBe(200)
  })
})

describe('ranges', () => {
  it.each([
    'bytes=',
    'bytes=--1',
    'bytes=0-0,1-1,2-2',
    `bytes=${'0-0,'.repeat(2000)}`,
    'bytes=1e3-',
    'bytes= 0 - 1',
    'bytes=+1-2',
  ])('%s give the whole or nothing', async (range) => {
    const answer = await registry().ask('GET', `/v2/library/app/blobs/${blob.digest}`, { headers: { range } })
    expect(answer.status).toBeOneOf([200, 416])
  })
})

describe('framing', () => {
  it('of HTTP/1.0 is served', async () => {
    const text = await raw(`GET /v2/ HTTP/1.0\r\nAuthorization: ${admin}\r\n\r\n`)
    expect(answers(text)).toEqual([200])
    expect(text).toContain('Connection: close')
    expect(await raw('GET /v2/ HTTP/1.0\r\n\r\n')).toContain('Bearer realm="http://localhost/service/token"')
  })

  it.each([
    [
      'a length and chunks',
      `${head('Content-Length: 5', 'Transfer-Encoding: chunked')}\r\n0\r\n\r\nGET /v2/x HTTP/1.1\r\n\r\n`,
    ],
    ['two lengths', `${head('Content-Length: 5', 'Content-Length: 6')}\r\nabcdef`],
    ['a length that is no number', `${head('Content-Length: 0x5')}\r\nabcde`],
    ['a negative length', `${head('Content-Length: -1')}\r\n`],
    ['an unknown coding', `${head('Transfer-Encoding: gzip, identity')}\r\n`],
    ['chunked twice', `${head('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}\r\nx`],
    ['a folded header', `${head('X-A: 1', ' folded')}\r\n`],
    ['a blank before the colon', `${head('Content-Length : 5')}\r\nabcde`],
    ['no host', 'GET /v2/ HTTP/1.1\r\n\r\n'],
    ['two hosts', `${head('Host: y')}\r\n`],
    ['the same host twice', `${head('HOST: x')}\r\n`],
    ['a bare line feed', 'GET /v2/ HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nContent-Length: 3\n\nabc'],
    ['a bad chunk size', `${head('Transfer-Encoding: chunked')}\r\nzz\r\n`],
    ['an unknown version', 'GET /v2/ HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['no request at all', '\u0016\u0003\u0001\u0002'],
    ['headers without end', `${head()}${'X-A: b\r\n'.repeat(5000)}`],
  ])('with %s is refused, and nothing behind it is read as a request', async (_, bytes) => {
    const statuses = answers(await raw(bytes, 1000))
    expect(statuses.length).toBeLessThanOrEqual(1)
    for (const status of statuses) expect(status).toBeOneOf([400, 431, 501, 505])
  })

  it('of a body on GET and DELETE leaves the next request alone', async () => {
    const next = `GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\nConnection: close\r\n\r\n`
    const first = 'GET /v2/library/app/manifests/v1 HTTP/1.1'
    const length = Buffer.byteLength(next)
    const text = await raw(
      `${first}\r\nHost: x\r\nAuthorization: ${admin}\r\nContent-Length: ${length}\r\n\r\n${next}${next}`,
      1000,
    )
    // The first copy is a body: it must not be answered.
    expect(answers(text).length).toBeLessThanOrEqual(2)
    expect(answers(text)[0]).toBe(200)
  })

  it('of several requests on one connection is answered in order', async () => {
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\n\r\n`
    const paths = [
      '/v2/',
      '/v2/library/app/manifests/nosuch',
      '/v2/library/app/tags/list',
      '/v2/library/UPPER/tags/list',
    ]
    expect(answers(await raw(paths.map(get).join(''), 1000))).toEqual([200, 404, 200, 400])
  })
})

it('values that name members of objects are only values', async () => {
  for (const word of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const headers = { [word.toLowerCase()]: 'x', 'x-request-id': word }
    expect((await registry().ask('GET', '/v2/', { headers })).headers['x-request-id']).toBe(word)
    expect((await registry().ask('GET', `/v2/library/app/manifests/${word}`)).status).toBeOneOf([400, 404])
    const answer = await registry().ask('GET', `/v2/library/app/referrers/${blob.digest}?artifactType=${word}`)
    expect(answer.headers['x-total-count']).toBe('0')
    expect((await registry().ask('GET', '/v2/', { auth: basic(word, word) })).status).toBe(401)
  }
})
