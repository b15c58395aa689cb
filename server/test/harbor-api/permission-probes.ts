import { mediaType } from '@breakwater/oci'
import { tokenFor } from '../accounts.ts'
import type { Answer } from '../client.ts'
import type { TestRegistry } from '../registry.ts'
import { caller } from './call.ts'

/** A project and what is in it for requests to name. */
export interface Place {
  readonly name: string
  readonly id: number
  readonly label: number
  readonly robot: number
}

/** One request that is answered with 401 or 403, or not, depending on one permission alone. It changes nothing. */
export interface Probe {
  readonly permission: string
  readonly ask: string
  readonly json?: object
  /** Basic by default. A token is asked for with all actions on the repository. */
  readonly with?: 'token'
  /** Where the status doesn't tell: whether the answer is that of somebody who may. */
  readonly may?: (answer: Answer) => boolean
  /** What the request takes besides. */
  readonly needs?: string
  /** Makes what the request removes, and returns its id, which replaces `{new}`. */
  readonly prepare?: (registry: TestRegistry, place: Place) => Promise<number>
}

const artifact = '/projects/{p}/repositories/app/artifacts/none'
const nobody = 999_999_999
const zeros = `sha256:${'0'.repeat(64)}`

async function newLabel(registry: TestRegistry, { id }: Place): Promise<number> {
  const [row] = await registry.query<{ id: number }>(
    `insert into label (project_id, name) values ($1, gen_random_uuid()::text) returning id::int`,
    [id],
  )
  return row?.id ?? 0
}

async function newRobot(registry: TestRegistry, { id }: Place): Promise<number> {
  const [row] = await registry.query<{ id: number }>(
    `insert into robot (name, project_id, secret_hash, duration, creator_type, creator_id)
     values (gen_random_uuid()::text, $1, '', -1, 'local', 1) returning id::int`,
    [id],
  )
  return row?.id ?? 0
}

/** For every permission in projects that an operation asks for; `{p}` is the project's name, `{id}` its id. */
export const projectProbes: readonly Probe[] = [
  { permission: 'project:read', ask: 'GET /projects/{p}' },
  { permission: 'project:read', ask: 'GET /projects/{id}/summary' },
  { permission: 'project:update', ask: 'PUT /projects/{p}', json: { metadata: { retention_id: '99' } } },
  { permission: 'project:delete', ask: 'DELETE /projects/{p}' },
  { permission: 'project:delete', ask: 'GET /projects/{p}/_deletable' },
  { permission: 'member:list', ask: 'GET /projects/{p}/members' },
  { permission: 'member:create', ask: 'POST /projects/{p}/members', json: {} },
  { permission: 'member:read', ask: `GET /projects/{p}/members/${nobody}` },
  { permission: 'member:update', ask: `PUT /projects/{p}/members/${nobody}`, json: { role_id: 1 } },
  { permission: 'member:delete', ask: `DELETE /projects/{p}/members/${nobody}` },
  { permission: 'metadata:list', ask: 'GET /projects/{p}/metadatas/' },
  { permission: 'metadata:create', ask: 'POST /projects/{p}/metadatas/', json: {} },
  { permission: 'metadata:read', ask: 'GET /projects/{p}/metadatas/none' },
  { permission: 'metadata:update', ask: 'PUT /projects/{p}/metadatas/none', json: { none: 'x' } },
  { permission: 'metadata:delete', ask: 'DELETE /projects/{p}/metadatas/none' },
  { permission: 'log:list', ask: 'GET /projects/{p}/logs' },
  { permission: 'log:list', ask: 'GET /projects/{p}/auditlog-exts' },
  { permission: 'label:list', ask: 'GET /labels?scope=p&project_id={id}' },
  { permission: 'label:create', ask: 'POST /labels', json: { name: '', scope: 'p', project_id: '{id}' } },
  { permission: 'label:read', ask: 'GET /labels/{label}' },
  { permission: 'label:update', ask: 'PUT /labels/{label}', json: { name: '' } },
  { permission: 'label:delete', ask: 'DELETE /labels/{new}', prepare: newLabel },
  {
    permission: 'quota:read',
    ask: 'GET /projects/{p}/summary',
    needs: 'project:read',
    may: ({ text }) => text.includes('"quota"'),
  },
  { permission: 'repository:list', ask: 'GET /projects/{p}/repositories' },
  { permission: 'repository:read', ask: 'GET /projects/{p}/repositories/none' },
  { permission: 'repository:update', ask: 'PUT /projects/{p}/repositories/none', json: { description: 'x' } },
  { permission: 'repository:delete', ask: 'DELETE /projects/{p}/repositories/none' },
  { permission: 'artifact:list', ask: 'GET /projects/{p}/repositories/app/artifacts' },
  { permission: 'artifact:list', ask: 'GET /projects/{p}/artifacts' },
  { permission: 'artifact:create', ask: 'POST /projects/{p}/repositories/app/artifacts?from=bad' },
  { permission: 'artifact:read', ask: `GET ${artifact}` },
  { permission: 'artifact:delete', ask: `DELETE ${artifact}` },
  { permission: 'tag:list', ask: `GET ${artifact}/tags` },
  { permission: 'tag:create', ask: `POST ${artifact}/tags`, json: { name: 'x' } },
  { permission: 'tag:delete', ask: `DELETE ${artifact}/tags/x` },
  { permission: 'accessory:list', ask: `GET ${artifact}/accessories` },
  { permission: 'artifact-addition:read', ask: `GET ${artifact}/additions/build_history` },
  { permission: 'artifact-addition:read', ask: `GET ${artifact}/additions/vulnerabilities` },
  { permission: 'scan:create', ask: `POST ${artifact}/scan` },
  { permission: 'scan:stop', ask: `POST ${artifact}/scan/stop`, json: {} },
  { permission: 'scan:read', ask: `GET ${artifact}/scan/none/log` },
  { permission: 'scanner:read', ask: 'GET /projects/{p}/scanner' },
  { permission: 'scanner:create', ask: 'GET /projects/{p}/scanner/candidates' },
  { permission: 'artifact-label:create', ask: `POST ${artifact}/labels`, json: { id: nobody } },
  { permission: 'artifact-label:delete', ask: `DELETE ${artifact}/labels/${nobody}` },
  { permission: 'robot:list', ask: 'GET /robots?q=Level=project,ProjectID={id}' },
  { permission: 'robot:read', ask: 'GET /robots/{robot}' },
  {
    permission: 'robot:create',
    ask: 'POST /robots',
    json: { name: 'BAD', level: 'project', permissions: [{ kind: 'project', namespace: '{p}' }] },
  },
  { permission: 'robot:update', ask: 'PUT /robots/{robot}', json: {} },
  { permission: 'robot:update', ask: 'PATCH /robots/{robot}', json: { secret: 'weak' } },
  { permission: 'robot:delete', ask: 'DELETE /robots/{new}', prepare: newRobot },
  ...(['token', undefined] as const).flatMap((kind): Probe[] => [
    { permission: 'repository:pull', ask: 'GET /v2/{p}/app/manifests/none', ...(kind ? { with: kind } : {}) },
    { permission: 'repository:pull', ask: `GET /v2/{p}/app/blobs/${zeros}`, ...(kind ? { with: kind } : {}) },
    { permission: 'repository:pull', ask: 'GET /v2/{p}/app/tags/list', ...(kind ? { with: kind } : {}) },
    { permission: 'repository:push', ask: 'PUT /v2/{p}/app/manifests/none', json: {}, ...(kind ? { with: kind } : {}) },
    { permission: 'repository:delete', ask: `DELETE /v2/{p}/app/manifests/${zeros}`, ...(kind ? { with: kind } : {}) },
  ]),
]

/** Whether the server takes the request for one that somebody may make. */
export async function isAllowed(
  registry: TestRegistry,
  probe: Probe,
  place: Place,
  auth: string | undefined,
): Promise<boolean> {
  const made = probe.prepare ? await probe.prepare(registry, place) : 0
  const filled = (text: string) =>
    text.replaceAll(/\{(p|id|label|robot|new)\}/g, (_, key: string) =>
      String({ p: place.name, id: place.id, label: place.label, robot: place.robot, new: made }[key]),
    )
  const [method = '', path = ''] = filled(probe.ask).split(' ')
  const json = probe.json && filled(JSON.stringify(probe.json)).replace(/"project_id":"(\d+)"/, '"project_id":$1')
  const answer = path.startsWith('/v2/')
    ? await registry.ask(method, path, {
        auth: probe.with ? await tokenFor(registry, auth, `repository:${place.name}/app:pull,push,delete`) : auth,
        ...(json === undefined ? {} : { body: json, headers: { 'content-type': mediaType.ociManifest } }),
      })
    : await caller(() => registry)(method, path, { auth, ...(json === undefined ? {} : { json }) })
  const missing = `path ${new URL(`/api/v2.0${path}`, registry.origin).pathname} was not found`
  if (answer.status >= 500 || answer.text.includes(missing)) throw new Error(`${probe.ask}: ${answer.text}`)
  return probe.may ? answer.status === 200 && probe.may(answer) : answer.status !== 401 && answer.status !== 403
}
