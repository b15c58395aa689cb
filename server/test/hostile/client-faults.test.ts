import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { mediaType } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, tokenFor } from '../accounts.ts'
import { basic, errorOf } from '../client.ts'
import { blobOf, pushBlob, pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { storedUploads } from '../uploads/store-folder.ts'
import { openWire } from '../wire.ts'

const registry = sharedRegistry()

describe('no request is answered 5xx', () => {
  const zeros = `sha256:${'0'.repeat(64)}`
  const nul = basic('\0', 'x')
  it.each<[string, string, string | undefined]>([
    ['GET', '/v2/library/app/tags/list?last=%00', admin],
    ['GET', '/v2/_catalog?last=%00', admin],
    ['GET', `/v2/library/app/referrers/${zeros}?artifactType=%00`, admin],
    ['GET', '/v2/', nul],
    ['GET', '/service/token?service=harbor-registry&scope=repository:a/b:pull', nul],
    ['GET', '/api/v2.0/projects/library', nul],
    ['GET', '/v2/', basic(randomBytes(3000).toString('hex'), 'x')],
    ['POST', `/v2/library/app/blobs/uploads/?mount=${zeros}&from=%0aX`, undefined],
    ['POST', `/v2/library/app/blobs/uploads/?mount=${zeros}&from=%e2%82%ac`, undefined],
    ['HEAD', '/api/v2.0/projects?project_name=%00', admin],
    ['GET', '/api/v2.0/projects/%00', admin],
    ['GET', `/api/v2.0/projects/${'9'.repeat(30)}`, admin],
    ['DELETE', `/api/v2.0/users/${'9'.repeat(30)}`, admin],
  ])('%s %s', async (method, path, auth) => {
    await pushImage(registry(), 'library/app', 'v1')
    expect((await registry().ask(method, path, { auth })).status).toBeLessThan(500)
  })

  it.each<[string, unknown]>([
    ['users', { username: 'a\0b', password: 'Passw0rd-x' }],
    ['users', { username: 'ab', password: 'Passw0rd-x', email: randomBytes(4000).toString('hex') }],
    ['projects/library/members', { role_id: 1, member_user: { user_id: 1e30 } }],
    ['projects/library/members', { role_id: 1, member_user: { username: '\0' } }],
  ])('POST %s %j', async (path, body) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await registry().ask('POST', `/api/v2.0/${path}`, { body: JSON.stringify(body), headers })
    expect(answer.status).toBeLessThan(500)
  })
})

it('a mount source cannot add to the challenge', async () => {
  const path = `/v2/library/app/blobs/uploads/?mount=x&from=${encodeURIComponent('a",x="')}`
  const answer = await registry().ask('POST', path, { auth: undefined })
  expect(answer.headers['www-authenticate']).not.toContain('x="')
})

it('a manifest over the limit is refused in words, announced or not', async () => {
  const body = [Buffer.alloc(3 << 20, 0x20), Buffer.alloc(3 << 20, 0x20)]
  const headers = { 'content-type': mediaType.ociManifest }
  const answer = await registry().ask('PUT', '/v2/library/app/manifests/big', { body, headers })
  expect(answer.status).toBe(413)
  expect(errorOf(answer).code).toBe('REQUEST_ENTITY_TOO_LARGE')
})

it('downloads that wait for their turn end with the connection', async () => {
  const big = blobOf(randomBytes(8 << 20))
  await pushBlob(registry(), 'library/app', big)
  const get = `GET /v2/library/app/blobs/${big.digest} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\n\r\n`
  for (let round = 0; round < 5; round += 1) {
    await using wire = await openWire(registry().origin)
    await wire.send(get.repeat(4))
    await wait(100)
  }
  const open = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).includes(big.digest.slice(7))
      } catch {
        return false
      }
    })
  await expect.poll(open, { timeout: 3000 }).toEqual([])
})

describe('a deleted account', () => {
  it('lists nothing, is not logged in and gets no token', async () => {
    await createProject(registry(), 'secret')
    await pushImage(registry(), 'secret/app', 'v1')
    const user = await createUser(registry())
    await addMember(registry(), 'secret', user, 'guest')
    const token = await tokenFor(registry(), user.auth, 'repository:secret/app:pull')
    expect((await registry().ask('GET', '/v2/_catalog', { auth: user.auth })).text).toContain('secret/app')
    await registry().ask('DELETE', `/api/v2.0/users/${user.id}`)
    for (const auth of [user.auth, token]) {
      for (const path of ['/v2/_catalog', '/v2/', '/service/token?service=harbor-registry']) {
        expect((await registry().ask('GET', path, { auth })).status).toBe(401)
      }
    }
  })
})

describe('an upload', () => {
  const uploads = '/v2/library/app/blobs/uploads/'
  const start = async () => (await registry().ask('POST', uploads)).headers.location ?? ''
  const count = async () => (await registry().query('select id from upload')).length

  it('that two finish at once is finished by one, and the other is told', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [first, second, third] = [randomBytes(1 << 20), randomBytes(300_000), randomBytes(300_000)]
      const location = await start()
      for (const body of [first, second]) await registry().ask('PATCH', location, { body })
      const short = blobOf(Buffer.concat([first, second]))
      const long = blobOf(Buffer.concat([first, second, third]))
      const answers = await Promise.all([
        registry().ask('PUT', `${location}?digest=${short.digest}`),
        registry().ask('PUT', `${location}?digest=${long.digest}`, { body: third }),
        registry().ask('PUT', `${location}?digest=${short.digest}`),
      ])
      for (const { status } of answers) expect(status).toBeOneOf([201, 400, 404, 416])
      for (const blob of [short, long]) {
        const got = await registry().ask('GET', `/v2/library/app/blobs/${blob.digest}`)
        expect(got.status).toBeOneOf([200, 404])
        if (got.status === 200) expect(got.bytes.equals(blob.bytes)).toBe(true)
      }
    }
  })

  it('in one request that fails leaves nothing', async () => {
    const before = await count()
    const body = randomBytes(1000)
    const path = `${uploads}?digest=${blobOf(body).digest}`
    for (const range of ['5-1004', 'x']) {
      expect((await registry().ask('POST', path, { body, headers: { 'content-range': range } })).status).toBe(416)
    }
    {
      await using wire = await openWire(registry().origin)
      await wire.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\nContent-Length: 1000\r\n\r\nabc`)
      await wait(100)
    }
    await expect.poll(count).toBe(before)
    expect(await storedUploads(registry())).toEqual([])
  })

  it('takes no chunk of another length than its Content-Range says', async () => {
    const headers = { 'content-range': '0-9' }
    const answer = await registry().ask('PATCH', await start(), { body: [randomBytes(1000)], headers })
    expect(answer.status).toBeOneOf([400, 416])
  })
})

it.each([
  ['GET', 'manifests/v1'],
  ['GET', `blobs/sha256:${'0'.repeat(64)}`],
  ['POST', 'blobs/uploads/'],
])('an administrator is told that the project of %s %s is not there', async (method, rest) => {
  const answer = await registry().ask(method, `/v2/nosuch/x/${rest}`)
  expect(answer.status).toBe(404)
  expect(errorOf(answer)).toMatchObject({ code: 'NAME_UNKNOWN', message: 'project nosuch not found' })
})

it('the ledger says what a tag named before', async () => {
  const before = await pushImage(registry(), 'library/moved', 'v1')
  await pushImage(registry(), 'library/moved', 'v1')
  const rows = await registry().query<{ replaced: string | null }>(
    `select detail->>'replaced' as replaced from ledger where object = 'library/moved:v1' order by id`,
  )
  expect(rows).toEqual([{ replaced: null }, { replaced: before.digest }])
})

it('chunks that are cut while their upload is cancelled leave no bytes without a row', async () => {
  const clients = Array.from({ length: 40 }, async (_, i) => {
    const location = (await registry().ask('POST', '/v2/library/app/blobs/uploads/')).headers.location ?? ''
    await using wire = await openWire(registry().origin)
    await wire.send(
      `PATCH ${location} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\nContent-Length: 1000000\r\n\r\n`,
    )
    await wire.send(randomBytes(1 + i * 5000))
    await wait(i % 7)
    await wire.cut()
    await registry().ask('DELETE', location)
  })
  await Promise.all(clients)
  await wait(300)
  expect(await storedUploads(registry())).toEqual([])
})
