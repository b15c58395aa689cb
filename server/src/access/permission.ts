import type { RoleId } from './role.ts'

/** What may be done to what: `resource:action`, in Harbor's words. */
export type Permission = `${string}:${string}`

/** A resource's actions, as words. */
type Table = Readonly<Record<string, string>>

const crudl = 'create read update delete list'

const projectAdmin: Table = {
  project: 'read update delete',
  member: crudl,
  metadata: 'create read update delete',
  log: 'list',
  label: crudl,
  quota: 'read',
  repository: `${crudl} pull push`,
  artifact: 'create read delete list',
  tag: 'create delete list',
  'artifact-label': 'create delete',
  'artifact-addition': 'read',
  accessory: 'list',
  scan: 'create read stop',
  sbom: 'create read stop',
  scanner: 'create read',
  'tag-retention': `${crudl} operate`,
  'immutable-tag': 'create update delete list',
  robot: crudl,
  'notification-policy': crudl,
  'preheat-policy': crudl,
  'export-cve': 'create read list',
  configuration: 'read update',
}

const maintainer: Table = {
  ...projectAdmin,
  project: 'read',
  member: 'read list',
  metadata: 'read',
  log: '',
  scanner: 'read',
  robot: 'read list',
  'notification-policy': 'read list',
  'preheat-policy': '',
  configuration: 'read',
}

const developer: Table = {
  ...maintainer,
  metadata: '',
  label: 'read list',
  repository: 'create read update list pull push',
  artifact: 'create read list',
  tag: 'create list',
  scan: 'read',
  sbom: 'read',
  'immutable-tag': '',
  'notification-policy': '',
}

const guest: Table = {
  ...developer,
  repository: 'read list pull',
  artifact: 'read list',
  tag: 'list',
  'artifact-label': '',
  'tag-retention': '',
  'export-cve': '',
}

const limitedGuest: Table = { ...guest, member: '', label: '', robot: '' }

/** What everybody may do in a public project, known or not. */
const everybody: Table = {
  project: 'read',
  label: 'read list',
  repository: 'list pull',
  scan: 'read',
  scanner: 'read',
  tag: 'list',
  artifact: 'read list',
  'artifact-addition': 'read',
  accessory: 'list',
}

/** What a robot may be granted in a project. */
const projectRobot: Table = {
  log: 'list',
  project: 'read update delete',
  metadata: crudl,
  repository: 'read update delete list pull push',
  artifact: 'create read delete list',
  scan: 'create read stop',
  sbom: 'create read stop',
  tag: 'create delete list',
  accessory: 'list',
  'artifact-addition': 'read',
  'artifact-label': 'create delete',
  scanner: 'create read',
  'preheat-policy': crudl,
  'notification-policy': crudl,
  'tag-retention': crudl,
  label: crudl,
  'immutable-tag': 'create update delete list',
  quota: 'read',
  robot: 'create read delete list',
  'export-cve': 'create read',
  member: crudl,
}

/** What a robot may be granted in the whole system. */
const systemRobot: Table = {
  'audit-log': 'list',
  'preheat-instance': crudl,
  project: 'create list',
  'replication-policy': crudl,
  replication: 'create read list',
  'replication-adapter': 'list',
  registry: crudl,
  'scan-all': 'create read update stop',
  'system-volumes': 'read',
  'garbage-collection': 'create read update list stop',
  'purge-audit': 'create read update list stop',
  'jobservice-monitor': 'list stop',
  scanner: crudl,
  label: 'create read update delete',
  'security-hub': 'read list',
  catalog: 'read',
  quota: 'read list update',
  robot: 'create read delete list',
  user: crudl,
  'user-group': crudl,
  'ldap-user': 'create list',
}

function permissionsOf(table: Table): ReadonlySet<Permission> {
  const pairs = Object.entries(table).flatMap(([resource, actions]) =>
    actions.split(' ').flatMap((action) => (action ? [`${resource}:${action}` as const] : [])),
  )
  return new Set(pairs)
}

/** Harbor's, which its API lists. */
export const harborRolePermissions: Readonly<Record<RoleId, ReadonlySet<Permission>>> = {
  1: permissionsOf(projectAdmin),
  2: permissionsOf(developer),
  3: permissionsOf(guest),
  4: permissionsOf(maintainer),
  5: permissionsOf(limitedGuest),
}

/** For what Harbor has no word for. Robots get none of this: an exception has a human author. */
const own: Readonly<Record<RoleId, Table>> = {
  1: { policy: 'read update', exception: 'create delete list', trust: 'read update' },
  2: { policy: 'read', exception: 'list', trust: 'read' },
  3: {},
  4: { policy: 'read', exception: 'create delete list', trust: 'read' },
  5: {},
}

/** All that a role may do in its project. */
export const rolePermissions: Readonly<Record<RoleId, ReadonlySet<Permission>>> = {
  1: harborRolePermissions[1].union(permissionsOf(own[1])),
  2: harborRolePermissions[2].union(permissionsOf(own[2])),
  3: harborRolePermissions[3].union(permissionsOf(own[3])),
  4: harborRolePermissions[4].union(permissionsOf(own[4])),
  5: harborRolePermissions[5].union(permissionsOf(own[5])),
}
export const publicPermissions = permissionsOf(everybody)

/** What Harbor has no word for and robots may be granted: to read what only lacks a signature, to verify it (gate.md G2). */
const ownRobot: Table = { repository: 'verify' }

/** What robots may be granted, by scope. */
export const grantable = {
  project: permissionsOf(projectRobot).union(permissionsOf(ownRobot)),
  system: permissionsOf(systemRobot),
} as const
