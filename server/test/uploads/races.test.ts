import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Ask, ask } from '../client.ts'
import { type Blob, blobOf, pushImage } from '../content.ts'
import { admin, startRegistry, type TestRegistry } from '../registry.ts'
import { storedUploads } from './store-folder.ts'

const uploads = '/v2/library/app/blobs/uploads/'
let registry: TestRegistry
let twin: Awaited<ReturnType<TestRegistry['twin']>>

beforeAll(async () => {
  registry = await startRegistry()
  twin = await registry.twin()
})
afterAll(async () => {
  await twin[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

const at = (server: number, method: string, path: string, asked: Ask = {}) =>
  ask(server % 2 === 0 ? registry.origin : twin.origin, method, path, { auth: admin, ...asked })

async function expectBlob({ digest, bytes }: Blob): Promise<void> {
  for (const server of [0, 1]) {
    const answer = await at(server, 'GET', `/v2/library/app/blobs/${digest}`)
    expect(answer.status).toBe(200)
    expect(answer.bytes.equals(bytes)).toBe(true)
  }
}

it('one blob that eight upload at once is taken from each', async () => {
  for (const size of [10, 2 << 20]) {
    const blob = blobOf(randomBytes(size))
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => at(i, 'POST', `${uploads}?digest=${blob.digest}`, { body: blob.bytes })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
    await expectBlob(blob)
  }
  expect(await storedUploads(registry)).toEqual([])
})

it('a chunk and the end of its upload at once leave a blob that is what it says', async () => {
  for (let round = 0; round < 20; round += 1) {
    const [first, second] = [blobOf(randomBytes(50_000)), randomBytes(50_000)]
    const both = blobOf(Buffer.concat([first.bytes, second]))
    const location = (await at(round, 'POST', uploads)).headers.location ?? ''
    await at(round, 'PATCH', location, { body: first.bytes })
    const [patch, put] = await Promise.all([
      at(round, 'PATCH', location, { body: second }),
      at(round + 1, 'PUT', `${location}?digest=${first.digest}`),
    ])
    expect(patch.status).toBeOneOf([202, 404, 416])
    expect(put.status).toBeOneOf([201, 400])
    if (put.status === 201) await expectBlob(first)
    expect((await at(round, 'GET', `/v2/library/app/blobs/${both.digest}`)).status).toBe(404)
    await at(round, 'DELETE', location)
  }
})

it('two that push other manifests under one tag both succeed, and one of them has it', async () => {
  const images = [await pushImage(registry, 'library/app'), await pushImage(registry, 'library/app')]
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(
      images.map(({ bytes, mediaType }, i) =>
        at(i, 'PUT', '/v2/library/app/manifests/raced', { body: bytes, headers: { 'content-type': mediaType } }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201])
    const heads = await Promise.all([0, 1].map((server) => at(server, 'HEAD', '/v2/library/app/manifests/raced')))
    const [one, other] = heads.map(({ headers }) => headers['docker-content-digest'])
    expect(one).toBe(other)
    expect(one).toBeOneOf(images.map(({ digest }) => digest))
  }
})

it('the first pushes of a repository at once make one repository', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => at(i, 'POST', '/v2/library/first/blobs/uploads/')),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202))
  expect(await registry.query(`select name from repository where name = 'first'`)).toHaveLength(1)
})
