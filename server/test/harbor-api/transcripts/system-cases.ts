import { tokenFor } from '../../accounts.ts'
import type { Answer } from '../../client.ts'
import { blobOf, configBlob, imageManifest, pushBlob, putManifest } from '../../content.ts'
import { idOf } from '../call.ts'
import { anonymous, type Cases, type Stage } from './stage.ts'

const artifacts = '/projects/library/repositories/app01/artifacts'
const user = { username: 'carl', email: 'carl@example.com', realname: 'carl', password: 'Passw0rd-of-tests' }

export const artifactCases: Cases = {
  'POST label (project)': ({ call }) => call('POST', '/labels', { json: { name: 'prod', scope: 'p', project_id: 1 } }),
  'POST label onto artifact': async ({ call }) => {
    const label = await call('POST', '/labels', { json: { name: 'staged', scope: 'p', project_id: 1 } })
    return call('POST', `${artifacts}/v1/labels`, { json: { id: idOf(label) } })
  },
  'POST tag': ({ call }) => call('POST', `${artifacts}/v1/tags`, { json: { name: 'another' } }),
  'POST tag, duplicate': ({ call }) => call('POST', `${artifacts}/v1/tags`, { json: { name: 'latest' } }),
  'GET artifact with everything': ({ call }) =>
    call('GET', `${artifacts}/v1?with_tag=true&with_label=true&with_accessory=true&with_immutable_status=true`),
  'GET artifact, defaults': ({ call }) => call('GET', `${artifacts}/v1`),
  'GET artifact missing': ({ call }) => call('GET', `${artifacts}/zzz`),
  'GET tags': ({ call }) => call('GET', `${artifacts}/v1/tags`),
  'GET build_history addition': async ({ registry, call }) => {
    const config = configBlob({ history: [{ created: '0001-01-01T00:00:00Z' }] })
    await pushBlob(registry, 'library/app01', config)
    await putManifest(registry, 'library/app01', 'built', imageManifest(config, []))
    return call('GET', `${artifacts}/built/additions/build_history`)
  },
  'GET repository': ({ call }) => call('GET', '/projects/library/repositories/app01'),
  'GET repositories page_size=2 (Link)': ({ call }) => call('GET', '/projects/library/repositories?page=2&page_size=2'),
  'GET repository with a slash, single-encoded': ({ call }) => call('GET', '/projects/library/repositories/a%2Fb'),
  'GET repository with a slash, double-encoded': ({ call }) => call('GET', '/projects/library/repositories/a%252Fb'),
  'POST artifacts copy': ({ call }) => call('POST', '/projects/p1/repositories/copied/artifacts?from=library/app01:v1'),
  'DELETE artifact': async ({ call }) => {
    await call('POST', '/projects/p1/repositories/passing/artifacts?from=library/app02:v1')
    return call('DELETE', '/projects/p1/repositories/passing/artifacts/v1')
  },
}

export const quotaCases: Cases = {
  'GET quotas of the project': ({ call }) => call('GET', '/quotas?reference=project&reference_id=4'),
  'GET quotas': ({ call }) => call('GET', '/quotas?page_size=2'),
  'POST project with storage_limit': ({ call }) =>
    call('POST', '/projects', { json: { project_name: 'limited', storage_limit: 1_048_576 } }),
  'quota exceeded: PUT blob': ({ ask }) => {
    const { digest, bytes } = blobOf()
    return ask('POST', `/v2/small/x/blobs/uploads/?digest=${digest}`, { body: bytes })
  },
}

export const systemCases: Cases = {
  'POST GC schedule, manual': ({ call }) =>
    call('POST', '/system/gc/schedule', { json: { schedule: { type: 'Manual' }, parameters: { dry_run: true } } }),
  'GET GC history': async ({ call }) => {
    await call('POST', '/system/gc/schedule', { json: { schedule: { type: 'Manual' }, parameters: { dry_run: true } } })
    return call('GET', '/system/gc')
  },
  'GET systeminfo (admin)': ({ call }) => call('GET', '/systeminfo'),
  'GET systeminfo (anonymous)': ({ call }) => call('GET', '/systeminfo', anonymous),
  'GET health': ({ call }) => call('GET', '/health', anonymous),
  'GET ping': ({ call }) => call('GET', '/ping', anonymous),
  'GET systeminfo/volumes': ({ call }) => call('GET', '/systeminfo/volumes'),
  'GET systeminfo/getcert': ({ call }) => call('GET', '/systeminfo/getcert'),
  'GET configurations': ({ call }) => call('GET', '/configurations'),
  'GET configurations, anonymous': ({ call }) => call('GET', '/configurations', anonymous),
  'PUT configurations': ({ call }) => call('PUT', '/configurations', { json: { token_expiration: 30 } }),
  'PUT configurations, bad value': ({ call }) => call('PUT', '/configurations', { json: { auth_mode: 'none' } }),
  'GET statistics': ({ call }) => call('GET', '/statistics'),
  'GET statistics, anonymous': ({ call }) => call('GET', '/statistics', anonymous),
  'GET audit-logs': ({ call }) => call('GET', '/audit-logs'),
  'GET auditlog-exts': ({ call }) => call('GET', '/auditlog-exts?page_size=12'),
  'GET project auditlog-exts': ({ call }) => call('GET', '/projects/p1/auditlog-exts'),
  'GET project logs': ({ call }) => call('GET', '/projects/p1/logs'),
  'GET auditlog event types': ({ call }) => call('GET', '/auditlog-exts/events'),
  'GET audit-logs, anonymous': ({ call }) => call('GET', '/audit-logs', anonymous),
  'POST user': ({ call }) => call('POST', '/users', { json: user }),
  'POST user, weak password': ({ call }) => call('POST', '/users', { json: { ...user, password: 'weak' } }),
  'POST user, duplicate': ({ call }) =>
    call('POST', '/users', { json: { ...user, username: 'bob', email: 'bob@example.com' } }),
  'POST member': async ({ call }) => {
    await call('POST', '/users', { json: { ...user, username: 'dave', email: 'dave@example.com' } })
    return call('POST', '/projects/p1/members', { json: { role_id: 3, member_user: { username: 'dave' } } })
  },
  'POST member, duplicate': ({ call }) =>
    call('POST', '/projects/p1/members', { json: { role_id: 3, member_user: { username: 'bob' } } }),
  'as guest: PUT project': ({ call, bob }) => call('PUT', '/projects/p1', { json: {}, auth: bob.auth }),
  'as guest: GET configurations': ({ call, bob }) => call('GET', '/configurations', { auth: bob.auth }),
  'as bob: GET a project he is not in': ({ call, bob }) => call('GET', '/projects/small', { auth: bob.auth }),
  'as guest: push with a pull-only bearer': async ({ registry, ask, bob }) => {
    const auth = await tokenFor(registry, bob.auth, 'repository:p1/x:pull')
    return ask('POST', '/v2/p1/x/blobs/uploads/', { auth })
  },
  'as guest: push': ({ ask, bob }) => ask('POST', '/v2/p1/x/blobs/uploads/', { auth: bob.auth }),
  'as bob: pull from a project he is not in': ({ ask, bob }) =>
    ask('GET', '/v2/small/x/manifests/v1', { auth: bob.auth }),
  'unknown API path': ({ call }) => call('GET', '/nosuch'),
  'wrong method': ({ call }) => call('PATCH', '/projects'),
  'GET /': ({ ask }) => ask('GET', '/', anonymous),
  'unknown path under /c': ({ ask }) => ask('GET', '/c/nosuch', anonymous),
  'GET search anonymous': ({ call }) => call('GET', '/search?q=app0', anonymous),
  'PUT read-only mode': async ({ call }) => {
    const answer = await call('PUT', '/configurations', { json: { read_only: true } })
    await call('PUT', '/configurations', { json: { read_only: false } })
    return answer
  },
  'read-only: POST project': (stage) => readOnly(stage, () => stage.call('POST', '/projects', { json: {} })),
  'read-only: POST upload': (stage) => readOnly(stage, () => stage.ask('POST', '/v2/library/hello/blobs/uploads/')),
}

async function readOnly({ call }: Stage, request: () => Promise<Answer>): Promise<Answer> {
  await call('PUT', '/configurations', { json: { read_only: true } })
  try {
    return await request()
  } finally {
    await call('PUT', '/configurations', { json: { read_only: false } })
  }
}
