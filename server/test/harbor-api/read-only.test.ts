import { afterEach, beforeEach, expect, it } from 'vitest'
import { createProject, createUser, tokenFor } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { blobOf, pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const refusal = {
  code: 'DENIED',
  message: 'The system is in read only mode. Any modification is prohibited.',
}

async function setReadOnly(readOnly: boolean): Promise<void> {
  const body = JSON.stringify({ read_only: readOnly })
  const { status } = await registry().ask('PUT', '/api/v2.0/configurations', { body })
  expect(status).toBe(200)
}

beforeEach(() => setReadOnly(false))
afterEach(() => setReadOnly(false))

it('lets nothing be changed through the API', async () => {
  const user = await createUser(registry())
  const id = await createProject(registry(), 'kept')
  await setReadOnly(true)
  for (const [method, path, body] of [
    ['POST', '/projects', { project_name: 'new' }],
    ['PUT', `/projects/${id}`, { metadata: { public: 'true' } }],
    ['DELETE', `/projects/${id}`, undefined],
    ['DELETE', `/users/${user.id}`, undefined],
    ['PUT', '/system/CVEAllowlist', { items: [] }],
  ] as const) {
    const answer = await registry().ask(method, `/api/v2.0${path}`, body ? { body: JSON.stringify(body) } : {})
    expect([method, path, answer.status, errorOf(answer)]).toEqual([method, path, 403, refusal])
  }
  expect((await registry().ask('GET', '/api/v2.0/projects/kept')).status).toBe(200)
  expect((await registry().ask('HEAD', '/api/v2.0/projects?project_name=new')).status).toBe(404)
})

it('lets nothing be pushed or deleted, and everything be pulled', async () => {
  const image = await pushImage(registry(), 'library/app', 'v1')
  const started = await registry().ask('POST', '/v2/library/app/blobs/uploads/')
  const upload = new URL(started.headers.location ?? '', registry().origin).pathname
  await setReadOnly(true)
  const token = await tokenFor(registry(), admin, 'repository:library/app:pull,push,delete')
  const blob = blobOf()
  for (const [method, path] of [
    ['POST', '/v2/library/app/blobs/uploads/'],
    ['POST', `/v2/library/app/blobs/uploads/?digest=${blob.digest}`],
    ['POST', `/v2/library/other/blobs/uploads/?mount=${image.config.digest}&from=library/app`],
    ['PATCH', upload],
    ['PUT', `${upload}?digest=${blob.digest}`],
    ['DELETE', upload],
    ['PUT', '/v2/library/app/manifests/v2'],
    ['DELETE', '/v2/library/app/manifests/v1'],
    ['DELETE', `/v2/library/app/blobs/${image.config.digest}`],
  ] as const) {
    for (const auth of [admin, token]) {
      const answer = await registry().ask(method, path, { auth, body: blob.bytes })
      expect([method, path, answer.status, errorOf(answer)]).toEqual([method, path, 403, refusal])
    }
  }
  expect((await registry().ask('GET', '/v2/library/app/manifests/v1')).status).toBe(200)
  expect((await registry().ask('GET', `/v2/library/app/blobs/${image.config.digest}`)).status).toBe(200)
  expect((await registry().ask('GET', upload)).status).toBe(204)
  await setReadOnly(false)
  expect((await registry().ask('DELETE', '/v2/library/app/manifests/v1')).status).toBe(202)
})

it('still asks an unknown client for a login before it says so', async () => {
  await setReadOnly(true)
  const answer = await registry().ask('POST', '/v2/library/app/blobs/uploads/', { auth: undefined })
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toContain('/service/token')
})
