import { mediaType } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { createProject, createUser, tokenFor } from '../accounts.ts'
import { basic } from '../client.ts'
import { blobOf, imageManifest, pushBlob, pushImage, putManifest } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'

/** Invariant I5: what happened is in the ledger, with who did it. */
const registry = sharedRegistry()

interface Row {
  readonly actor: string
  readonly credential: string
  readonly action: string
  readonly object: string
  readonly detail: Record<string, unknown> | null
}

function rowsOf(object: string): Promise<Row[]> {
  const text = 'select actor, credential, action, object, detail from ledger where object like $1 order by id'
  return registry().query<Row & Record<string, unknown>>(text, [object])
}

it('holds each push', async () => {
  const image = await pushImage(registry(), 'library/pushed', 'v1')
  const by = { actor: 'user:admin', credential: 'basic' }
  expect(await rowsOf('library/pushed%')).toEqual([
    ...[image.config, ...image.layers].map(({ digest, bytes }) => ({
      ...by,
      action: 'blob.push',
      object: `library/pushed@${digest}`,
      detail: { size: bytes.length },
    })),
    {
      ...by,
      action: 'artifact.push',
      object: 'library/pushed:v1',
      detail: { digest: image.digest, mediaType: image.mediaType },
    },
  ])
})

it('tells a manifest that was there already', async () => {
  const image = await pushImage(registry(), 'library/known', 'v1')
  await putManifest(registry(), 'library/known', 'v1', image.bytes)
  expect((await rowsOf('library/known:v1')).at(-1)?.detail).toEqual({
    digest: image.digest,
    mediaType: image.mediaType,
    known: true,
  })
})

it('holds mounts and deletions', async () => {
  const image = await pushImage(registry(), 'library/source', 'v1')
  const [layer] = image.layers
  const path = `/v2/library/goal/blobs/uploads/?mount=${layer?.digest}&from=library/source`
  expect((await registry().ask('POST', path)).status).toBe(201)
  expect(await rowsOf('library/goal%')).toMatchObject([
    { action: 'blob.mount', object: `library/goal@${layer?.digest}`, detail: { from: 'library/source' } },
  ])
  await registry().ask('DELETE', `/v2/library/goal/blobs/${layer?.digest}`)
  await putManifest(registry(), 'library/source', 'v2', image.bytes)
  await registry().ask('DELETE', '/v2/library/source/manifests/v2')
  await registry().ask('DELETE', `/v2/library/source/manifests/${image.digest}`)
  expect((await rowsOf('library/goal%')).at(-1)).toMatchObject({ action: 'blob.delete' })
  expect((await rowsOf('library/source%')).slice(-2)).toMatchObject([
    { action: 'tag.delete', object: 'library/source:v2', detail: { digest: image.digest } },
    { action: 'artifact.delete', object: `library/source@${image.digest}`, detail: { tags: ['v1'] } },
  ])
})

it('has the row in the transaction of the change', async () => {
  const { digest } = await pushImage(registry(), 'library/atomic', 'v1')
  const [row] = await registry().query<{ same: boolean }>(
    `select l.xid = t.xmin::text::xid8 as same from ledger l, tag t join repository r on r.id = t.repository_id
     where l.object = 'library/atomic:v1' and r.name = 'atomic' and l.detail->>'digest' = $1`,
    [digest],
  )
  expect(row).toEqual({ same: true })
})

it('has nothing of what was refused', async () => {
  const missing = imageManifest(blobOf(), [])
  expect((await putManifest(registry(), 'library/refused', 'v1', missing, mediaType.ociManifest)).status).toBe(400)
  const wrong = await registry().ask('POST', `/v2/library/refused/blobs/uploads/?digest=${blobOf('a').digest}`, {
    body: 'b',
  })
  expect(wrong.status).toBe(400)
  expect(await rowsOf('library/refused%')).toEqual([])
})

it('counts the refusals of a minute', async () => {
  await createProject(registry(), 'closed')
  const user = await createUser(registry(), 'outsider')
  for (let i = 0; i < 3; i += 1) await registry().ask('GET', '/v2/closed/app/manifests/v1', { auth: user.auth })
  for (let i = 0; i < 2; i += 1) await registry().ask('GET', '/v2/', { auth: basic('outsider', 'wrong') })
  const rows = await registry().query(
    `select actor, action, object, reason, sum(count)::int as count from refusal where actor = 'user:outsider'
     group by 1, 2, 3, 4 order by 2 desc`,
  )
  expect(rows).toEqual([
    { actor: 'user:outsider', action: 'pull', object: 'closed/app', reason: 'no access', count: 3 },
    { actor: 'user:outsider', action: 'login', object: 'registry', reason: 'bad-password', count: 2 },
  ])
})

it('holds pulls of manifests, and neither heads nor what was not sent', async () => {
  const { digest } = await pushImage(registry(), 'library/pulled', 'v1')
  const path = '/v2/library/pulled/manifests'
  const token = await tokenFor(registry(), admin, 'repository:library/pulled:pull')
  const anonymous = await tokenFor(registry(), undefined, 'repository:library/pulled:pull')
  await registry().ask('HEAD', `${path}/v1`)
  await registry().ask('GET', `${path}/v1`, { headers: { 'if-none-match': digest } })
  await registry().ask('GET', `${path}/nosuch`)
  await registry().ask('GET', `${path}/v1`)
  await registry().ask('GET', `${path}/${digest}`, { auth: token })
  await registry().ask('GET', `${path}/v1`, { auth: anonymous })
  const pulls = () =>
    registry().query(
      `select p.tag, p.actor, p.credential, encode(p.digest, 'hex') as digest from pull p
       join repository r on r.id = p.repository_id where r.name = 'pulled' order by p.at`,
    )
  const hex = digest.slice('sha256:'.length)
  await expect.poll(pulls).toEqual([
    { tag: 'v1', actor: 'user:admin', credential: 'basic', digest: hex },
    { tag: null, actor: 'user:admin', credential: 'token', digest: hex },
    { tag: 'v1', actor: 'anonymous', credential: 'token', digest: hex },
  ])
})

it('holds accounts and projects', async () => {
  await createProject(registry(), 'noted', true)
  const user = await createUser(registry(), 'noted-user')
  await registry().ask('DELETE', `/api/v2.0/users/${user.id}`)
  await registry().ask('DELETE', '/api/v2.0/projects/noted')
  const rows = [...(await rowsOf('project noted')), ...(await rowsOf('user noted-user'))]
  expect(rows.map(({ action }) => action)).toEqual(['project.create', 'project.delete', 'user.create', 'user.delete'])
  expect(JSON.stringify(rows)).not.toContain('Passw0rd')
})

it('keeps no password anywhere', async () => {
  const user = await createUser(registry(), 'secretive')
  await registry().ask('GET', '/v2/', { auth: user.auth })
  await pushBlob(registry(), 'library/secretive', blobOf(), { auth: admin })
  const rows = await registry().query(
    `select to_jsonb(l)::text as text from ledger l union all select to_jsonb(r)::text from refusal r
     union all select to_jsonb(u)::text from user_account u`,
  )
  expect(rows.map(({ text }) => text).join()).not.toMatch(/Passw0rd-of-tests|Adm1n-of-tests/)
})
