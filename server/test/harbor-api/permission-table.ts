/**
 * Harbor's permissions, as the facts about Harbor have them, in their letters: C create, R read, U update, D delete, L list,
 * and other actions as words. It is written down here a second time so that the server's table has something to be
 * compared with.
 */
export type Role = 'projectAdmin' | 'maintainer' | 'developer' | 'guest' | 'limitedGuest'

export const roles: readonly Role[] = ['projectAdmin', 'maintainer', 'developer', 'guest', 'limitedGuest']

const letters: Readonly<Record<string, string>> = {
  C: 'create',
  R: 'read',
  U: 'update',
  D: 'delete',
  L: 'list',
  op: 'operate',
}

/** `resource:action`, for each of the letters. */
function spelt(resource: string, text: string): string[] {
  return text
    .split(' ')
    .filter((word) => word !== '–')
    .map((word) => `${resource}:${letters[word] ?? word}`)
}

const byRole: readonly (readonly [string, ...string[]])[] = [
  ['project', 'R U D', 'R', 'R', 'R', 'R'],
  ['member', 'C R U D L', 'R L', 'R L', 'R L', '–'],
  ['metadata', 'C R U D', 'R', '–', '–', '–'],
  ['log', 'L', '–', '–', '–', '–'],
  ['label', 'C R U D L', 'C R U D L', 'R L', 'R L', '–'],
  ['quota', 'R', 'R', 'R', 'R', 'R'],
  ['repository', 'C R U D L pull push', 'C R U D L pull push', 'C R U L pull push', 'R L pull', 'R L pull'],
  ['artifact', 'C R D L', 'C R D L', 'C R L', 'R L', 'R L'],
  ['tag', 'C D L', 'C D L', 'C L', 'L', 'L'],
  ['artifact-label', 'C D', 'C D', 'C D', '–', '–'],
  ['artifact-addition', 'R', 'R', 'R', 'R', 'R'],
  ['accessory', 'L', 'L', 'L', 'L', 'L'],
  ['scan', 'C R stop', 'C R stop', 'R', 'R', 'R'],
  ['sbom', 'C R stop', 'C R stop', 'R', 'R', 'R'],
  ['scanner', 'C R', 'R', 'R', 'R', 'R'],
  ['tag-retention', 'C R U D L op', 'C R U D L op', 'C R U D L op', '–', '–'],
  ['immutable-tag', 'C U D L', 'C U D L', '–', '–', '–'],
  ['robot', 'C R U D L', 'R L', 'R L', 'R L', '–'],
  ['notification-policy', 'C R U D L', 'R L', '–', '–', '–'],
  ['preheat-policy', 'C R U D L', '–', '–', '–', '–'],
  ['export-cve', 'C R L', 'C R L', 'C R L', '–', '–'],
  ['configuration', 'R U', 'R', 'R', 'R', 'R'],
]

function column(n: number): readonly string[] {
  return byRole.flatMap(([resource, ...texts]) => spelt(resource, texts[n] ?? '–'))
}

/** What each role may do in its project. */
export const rolePermissions: Readonly<Record<Role, readonly string[]>> = {
  projectAdmin: column(0),
  maintainer: column(1),
  developer: column(2),
  guest: column(3),
  limitedGuest: column(4),
}

/** `resource letters; …` with several resources, joined by commas, where they have the same letters. */
function listed(text: string): string[] {
  return text.split('; ').flatMap((part) => {
    const [, resources = '', rest = ''] = /^((?:[a-z-]+, )*[a-z-]+) (.+)$/.exec(part) ?? []
    return resources.split(', ').flatMap((resource) => spelt(resource, rest))
  })
}

/** What everybody may do in a public project. */
export const publicPermissions = listed(
  'project R; label R L; repository L pull; scan R; scanner R; tag L; artifact R L; artifact-addition R; accessory L',
)

/** What robots may be granted in the system. */
export const systemGrants = listed(
  [
    'audit-log L; preheat-instance, replication-policy, registry, scanner C R U D L; project C L; replication C R L',
    'replication-adapter L; scan-all C R U stop; system-volumes R; garbage-collection C R U L stop',
    'purge-audit C R U L stop; jobservice-monitor L stop; label C R U D; security-hub R L; catalog R; quota R L U',
    'robot C R D L; user C R U D L; user-group C R U D L; ldap-user C L',
  ].join('; '),
)

/** What robots may be granted in projects here, and not in Harbor. */
export const ownGrants = ['repository:verify']

/** What robots may be granted in projects. */
export const projectGrants = listed(
  [
    'log L; project R U D; metadata C R U D L; repository R U D L pull push; artifact C R D L; scan C R stop',
    'sbom C R stop; tag C D L; accessory L; artifact-addition R; artifact-label C D; scanner C R',
    'preheat-policy, notification-policy, tag-retention, label C R U D L; immutable-tag C U D L; quota R; robot C R D L',
    'export-cve C R; member C R U D L',
  ].join('; '),
)
