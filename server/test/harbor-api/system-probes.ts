import type { Probe } from './permission-probes.ts'

const nobody = 999_999_999
const user = { username: 'x', email: 'x@example.com', realname: 'x', password: 'weak', new_password: 'weak' }

/** For every permission outside projects that an operation asks for, as in projectProbes. */
export const systemProbes: readonly Probe[] = [
  // Everybody who is logged in gets an answer: what happened in one's own projects.
  {
    permission: 'audit-log:list',
    ask: 'GET /auditlog-exts?q=resource_type=user',
    may: ({ headers }) => Number(headers['x-total-count']) > 0,
  },
  { permission: 'configuration:read', ask: 'GET /configurations' },
  { permission: 'configuration:update', ask: 'PUT /configurations', json: { auth_mode: 'none' } },
  { permission: 'cve-allowlist:update', ask: 'PUT /system/CVEAllowlist', json: { items: [{ cve_id: ' ' }] } },
  { permission: 'garbage-collection:list', ask: 'GET /system/gc' },
  { permission: 'garbage-collection:read', ask: `GET /system/gc/${nobody}` },
  { permission: 'garbage-collection:read', ask: `GET /system/gc/${nobody}/log` },
  { permission: 'garbage-collection:read', ask: 'GET /system/gc/schedule' },
  { permission: 'garbage-collection:stop', ask: `PUT /system/gc/${nobody}` },
  { permission: 'garbage-collection:create', ask: 'POST /system/gc/schedule', json: { schedule: { type: 'Custom' } } },
  { permission: 'garbage-collection:update', ask: 'PUT /system/gc/schedule', json: { schedule: { type: 'Custom' } } },
  { permission: 'label:create', ask: 'POST /labels', json: { name: '', scope: 'g' } },
  { permission: 'label:update', ask: 'PUT /labels/{label}', json: { name: '' } },
  {
    permission: 'label:delete',
    ask: 'DELETE /labels/{new}',
    prepare: async (registry) => {
      const [row] = await registry.query<{ id: number }>(
        'insert into label (name) values (gen_random_uuid()::text) returning id::int',
      )
      return row?.id ?? 0
    },
  },
  { permission: 'project:create', ask: 'POST /projects', json: { project_name: 'BAD' } },
  { permission: 'quota:list', ask: 'GET /quotas' },
  { permission: 'quota:read', ask: `GET /quotas/${nobody}` },
  { permission: 'robot:list', ask: 'GET /robots' },
  { permission: 'robot:read', ask: 'GET /robots/{robot}' },
  { permission: 'robot:read', ask: `GET /robots/${nobody}` },
  { permission: 'robot:create', ask: 'POST /robots', json: { name: 'BAD', level: 'system' } },
  { permission: 'robot:update', ask: 'PUT /robots/{robot}', json: {} },
  { permission: 'robot:update', ask: 'PATCH /robots/{robot}', json: { secret: 'weak' } },
  { permission: 'robot:delete', ask: `DELETE /robots/${nobody}` },
  { permission: 'scan-all:create', ask: 'POST /system/scanAll/schedule', json: { schedule: { type: 'Custom' } } },
  { permission: 'scan-all:read', ask: 'GET /system/scanAll/schedule' },
  { permission: 'scan-all:read', ask: 'GET /scans/all/metrics' },
  { permission: 'scan-all:read', ask: 'GET /scans/schedule/metrics' },
  { permission: 'scan-all:update', ask: 'PUT /system/scanAll/schedule', json: { schedule: { type: 'Custom' } } },
  { permission: 'scan-all:stop', ask: 'POST /system/scanAll/stop' },
  { permission: 'scanner:list', ask: 'GET /scanners' },
  { permission: 'scanner:read', ask: 'GET /scanners/none' },
  { permission: 'scanner:read', ask: 'GET /scanners/none/metadata' },
  { permission: 'system-volumes:read', ask: 'GET /systeminfo/volumes' },
  { permission: 'user:create', ask: 'POST /users', json: user },
  { permission: 'user:list', ask: 'GET /users' },
  { permission: 'user:read', ask: `GET /users/${nobody}` },
  { permission: 'user:update', ask: `PUT /users/${nobody}`, json: user },
  // No robot may: it could make itself an administrator.
  { permission: 'sysadmin:update', ask: `PUT /users/${nobody}/sysadmin`, json: { sysadmin_flag: true } },
  { permission: 'user:update', ask: `PUT /users/${nobody}/password`, json: user },
  { permission: 'user:delete', ask: `DELETE /users/${nobody}` },
  { permission: 'user-group:list', ask: 'GET /usergroups' },
  { permission: 'user-group:read', ask: `GET /usergroups/${nobody}` },
  { permission: 'user-group:create', ask: 'POST /usergroups', json: { group_name: '' } },
  { permission: 'user-group:update', ask: `PUT /usergroups/${nobody}`, json: { group_name: 'x' } },
  { permission: 'user-group:delete', ask: `DELETE /usergroups/${nobody}` },
]
