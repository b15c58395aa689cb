import { randomBytes } from 'node:crypto'
import { tokenFor } from '../../accounts.ts'
import { basic } from '../../client.ts'
import { blobOf, configBlob, imageManifest, putManifest } from '../../content.ts'
import { accept, anonymous, type Cases, type Stage, zeros } from './stage.ts'

const wrong = { auth: basic('admin', 'Wr0ng-of-tests') }
const blobs = '/v2/library/hello/blobs'
const token = '/service/token?service=harbor-registry'

/** A new upload in `repository`, as the path that its answer names. */
async function upload({ ask }: Stage, repository: string): Promise<string> {
  const { headers } = await ask('POST', `/v2/${repository}/blobs/uploads/`)
  const { pathname, search } = new URL(headers.location ?? '', 'http://registry')
  return pathname + search
}

const finish = (path: string, digest: string) => `${path}${path.includes('?') ? '&' : '?'}digest=${digest}`

export const authenticationCases: Cases = {
  'GET /v2/ anonymous': ({ ask }) => ask('GET', '/v2/', anonymous),
  'GET /v2/ with basic auth': ({ ask }) => ask('GET', '/v2/'),
  'GET /v2/ wrong password': ({ ask }) => ask('GET', '/v2/', wrong),
  'HEAD /v2/': ({ ask }) => ask('HEAD', '/v2/', anonymous),
  'GET manifest, private project, anonymous (no Authorization header)': ({ ask }) =>
    ask('GET', '/v2/demo/x/manifests/v1', anonymous),
  'GET manifest, public project, anonymous, no Authorization header': ({ ask }) =>
    ask('GET', '/v2/library/hello/manifests/v1', anonymous),
  'GET manifest, nonexistent project, anonymous': ({ ask }) => ask('GET', '/v2/nosuch/x/manifests/v1', anonymous),
  'PUT manifest anonymous': ({ ask }) =>
    ask('PUT', '/v2/demo/x/manifests/v1', { ...anonymous, body: '{}', headers: { 'content-type': accept.accept } }),
  'POST blob upload anonymous with mount': ({ ask, hello }) =>
    ask('POST', `/v2/demo/x/blobs/uploads/?mount=${hello.config.digest}&from=library/hello`, anonymous),
  'GET /v2/_catalog anonymous': ({ ask }) => ask('GET', '/v2/_catalog', anonymous),
  'GET /v2/_catalog?n=2': ({ ask }) => ask('GET', '/v2/_catalog?n=2&last=demo/x'),
  'GET tags/list': ({ ask }) => ask('GET', '/v2/library/hello/tags/list'),
  'GET tags/list?n=0': ({ ask }) => ask('GET', '/v2/library/hello/tags/list?n=0'),
  'GET tags/list of unknown repository': ({ ask }) => ask('GET', '/v2/library/none/tags/list'),
  'token endpoint, anonymous, private project': ({ ask }) =>
    ask('GET', `${token}&scope=repository:demo/x:pull`, anonymous),
  'token endpoint, admin': ({ ask }) => ask('GET', `${token}&scope=repository:demo/x:pull`),
  'token endpoint, wrong password': ({ ask }) => ask('GET', `${token}&scope=repository:demo/x:pull`, wrong),
  'token endpoint, unknown service': ({ ask }) => ask('GET', '/service/token?service=other'),
  'token endpoint, no service': ({ ask }) => ask('GET', '/service/token'),
  'token endpoint, bad scope': ({ ask }) => ask('GET', `${token}&scope=nonsense`),
  'token endpoint as docker login asks it (no scope), wrong password': ({ ask }) =>
    ask('GET', `${token}&account=admin&client_id=docker&offline_token=true`, wrong),
  'POST token endpoint': ({ ask }) => ask('POST', '/service/token'),
  'bad bearer token': ({ ask }) => ask('GET', '/v2/library/hello/manifests/v1', { auth: 'Bearer bad' }),
  'bearer for another repository': async ({ registry, ask }) => {
    const auth = await tokenFor(registry, undefined, 'repository:library/hello:pull')
    return ask('GET', '/v2/demo/x/manifests/v1', { auth })
  },
  'pull-only bearer, POST upload': async ({ registry, ask }) => {
    const auth = await tokenFor(registry, basic('admin', 'Adm1n-of-tests'), 'repository:library/hello:pull')
    return ask('POST', `${blobs}/uploads/`, { auth })
  },
}

export const contentCases: Cases = {
  'POST upload to nonexistent project': ({ ask }) => ask('POST', '/v2/nosuch/x/blobs/uploads/'),
  'GET manifest, unknown tag': ({ ask }) => ask('GET', '/v2/library/hello/manifests/zzz'),
  'HEAD manifest, unknown tag': ({ ask }) => ask('HEAD', '/v2/library/hello/manifests/zzz'),
  'GET manifest, unknown digest': ({ ask }) => ask('GET', `/v2/library/hello/manifests/${zeros}`),
  'GET manifest, unknown repository': ({ ask }) => ask('GET', '/v2/library/none/manifests/v1'),
  'GET manifest, unknown project (admin)': ({ ask }) => ask('GET', '/v2/nosuch/x/manifests/v1'),
  'GET manifest, bad digest': ({ ask }) => ask('GET', '/v2/library/hello/manifests/sha256:zz'),
  'GET manifest': ({ ask }) => ask('GET', '/v2/library/hello/manifests/v1', { headers: accept }),
  'HEAD manifest': ({ ask }) => ask('HEAD', '/v2/library/hello/manifests/v1', { headers: accept }),
  'GET manifest, If-None-Match': ({ ask, hello }) =>
    ask('GET', '/v2/library/hello/manifests/v1', { headers: { ...accept, 'if-none-match': `"${hello.digest}"` } }),
  'GET manifest without Accept (an OCI image)': ({ ask }) => ask('GET', '/v2/library/hello/manifests/v1'),
  'GET blob, unknown': ({ ask }) => ask('GET', `${blobs}/${zeros}`),
  'HEAD blob': ({ ask, hello }) => ask('HEAD', `${blobs}/${hello.config.digest}`),
  'GET blob, Range bytes=0-9 (body binary, headers only)': ({ ask, hello }) =>
    ask('GET', `${blobs}/${hello.config.digest}`, { headers: { range: 'bytes=0-9' } }),
  'POST upload': ({ ask }) => ask('POST', `${blobs}/uploads/`),
  'POST upload, mount of a known blob': ({ ask, hello }) =>
    ask('POST', `/v2/p1/mounted/blobs/uploads/?mount=${hello.config.digest}&from=library/hello`),
  'POST upload, monolithic (digest in query)': ({ ask }) => {
    const { digest, bytes } = blobOf()
    return ask('POST', `/v2/p1/mounted/blobs/uploads/?digest=${digest}`, { body: bytes })
  },
  'PATCH upload': async (stage) => stage.ask('PATCH', await upload(stage, 'p1/mounted'), { body: 'abc' }),
  'PUT upload, wrong digest': async (stage) =>
    stage.ask('PUT', finish(await upload(stage, 'p1/mounted'), blobOf().digest), { body: randomBytes(3) }),
  'PUT upload, right digest': async (stage) => {
    const { digest, bytes } = blobOf()
    return stage.ask('PUT', finish(await upload(stage, 'p1/mounted'), digest), { body: bytes })
  },
  'PUT manifest naming an unknown blob': ({ registry }) =>
    putManifest(registry, 'library/hello', 'x', imageManifest(configBlob(), [])),
  'PUT manifest, not JSON': ({ registry }) => putManifest(registry, 'library/hello', 'x', 'xxx'),
  'GET referrers, none': ({ ask, hello }) => ask('GET', `/v2/library/hello/referrers/${hello.digest}`),
  'GET referrers of unknown subject': ({ ask }) => ask('GET', `/v2/library/hello/referrers/${zeros}`),
}
