import type { Principal } from '../identity/index.ts'
import { type AccessFacts, type Basis, basisFor, holdsInSystem } from './decide.ts'
import { type Permission, publicPermissions, rolePermissions } from './permission.ts'
import { type RoleId, rankRoles, roleName } from './role.ts'

/** Somebody of whom is asked, and what the database says of them and of the place. */
export interface Subject {
  readonly who: Principal
  /** What keeps the account from being used at all, as the end of a sentence: `is disabled`. */
  readonly unusable: string | undefined
  readonly systemAdmin: boolean
  /** Roles in the project, and the group that each comes from where it is not the user's own. */
  readonly memberships: readonly { readonly role: RoleId; readonly group: string | undefined }[]
  /** What a robot was granted; `everywhere`: in every project. */
  readonly grants: readonly { readonly permission: string; readonly everywhere: boolean }[]
}

/** Where something is to be done: a project that is there or not, or what belongs to no project. */
export type Place =
  | { readonly kind: 'system' }
  | { readonly kind: 'project'; readonly name: string; readonly project: AccessFacts['project'] }

/** One way to the permission, and whether it leads there. */
export interface Check {
  readonly grant: string
  readonly held: boolean
  readonly detail: string
}

export interface Explanation {
  readonly allowed: boolean
  readonly basis?: Basis
  /** A sentence: which grant decided, or which is missing. */
  readonly because: string
  readonly checked: readonly Check[]
}

/** Why somebody may or may not do something. What is answered is what `holds` and `holdsInSystem` decide. */
export function explain(subject: Subject, permission: Permission, place: Place): Explanation {
  const refused = (because: string): Explanation => ({ allowed: false, because, checked: [] })
  if (subject.unusable) return refused(`${nameOf(subject)} ${subject.unusable}.`)
  if (place.kind === 'system') return explainSystem(subject, permission)
  if (!place.project) return refused(`There is no project ${place.name}.`)
  const facts: AccessFacts = {
    project: place.project,
    account: accountOf(subject),
    roles: rankRoles(subject.memberships.map(({ role }) => role)),
    granted: subject.grants.map((grant) => grant.permission),
  }
  const basis = basisFor(subject.who, facts, permission)
  const checked = [...personalChecks(subject, permission, place.name), publicCheck(place.name, facts, permission)]
  const decisive = checked.find(({ held }) => held)
  if (basis && decisive) return { allowed: true, basis, because: decisive.detail, checked }
  return refusedFor(permission, checked)
}

function explainSystem(subject: Subject, permission: Permission): Explanation {
  const facts = { account: accountOf(subject), granted: subject.grants.map((grant) => grant.permission) }
  const allowed = holdsInSystem(subject.who, facts, permission)
  const check = subject.who.kind === 'robot' ? robotCheck(subject, permission, 'the system') : adminCheck(subject)
  const checked = subject.who.kind === 'anonymous' ? [] : [check]
  if (!allowed) return refusedFor(permission, checked)
  const basis: Basis = subject.who.kind === 'robot' ? 'robot grant' : 'system administrator'
  return { allowed, basis, because: check.detail, checked }
}

function refusedFor(permission: Permission, checked: readonly Check[]): Explanation {
  const reasons = checked.map(({ detail }) => detail)
  const because = reasons.length > 0 ? reasons.join(' ') : `Nobody is logged in, and ${permission} takes a login.`
  return { allowed: false, because, checked }
}

function personalChecks(subject: Subject, permission: Permission, project: string): Check[] {
  switch (subject.who.kind) {
    case 'anonymous':
      return []
    case 'robot':
      return [robotCheck(subject, permission, `project ${project}`)]
    case 'user':
      return [adminCheck(subject, permission), ...roleChecks(subject, permission, project)]
  }
}

/** `permission`: in a project. */
function adminCheck(subject: Subject, permission?: Permission): Check {
  const grant = 'system administrator'
  const name = nameOf(subject)
  if (!subject.systemAdmin) return { grant, held: false, detail: `${name} is no system administrator.` }
  if (permission === 'repository:scanner-pull') {
    return { grant, held: false, detail: `${name} is a system administrator, but only scanners hold ${permission}.` }
  }
  return { grant, held: true, detail: `${name} is a system administrator.` }
}

function roleChecks(subject: Subject, permission: Permission, project: string): Check[] {
  const name = nameOf(subject)
  if (subject.memberships.length === 0) {
    const detail = `${name} is not a member of project ${project}, neither in person nor through a group.`
    return [{ grant: 'role', held: false, detail }]
  }
  const ranked = rankRoles(subject.memberships.map(({ role }) => role))
  return subject.memberships
    .toSorted((a, b) => ranked.indexOf(a.role) - ranked.indexOf(b.role))
    .map(({ role, group }) => {
      const held = rolePermissions[role].has(permission)
      const through = group === undefined ? '' : ` through the group ${group}`
      const holds = held
        ? `that role holds ${permission}`
        : `that role does not hold ${permission}${enough(permission)}`
      return {
        grant: `role ${roleName(role)}${through}`,
        held,
        detail: `${name} is ${roleName(role)} of project ${project}${through}, and ${holds}.`,
      }
    })
}

/** The roles that would do. */
function enough(permission: Permission): string {
  const names = rankRoles([1, 2, 3, 4, 5])
    .filter((role) => rolePermissions[role].has(permission))
    .map(roleName)
  return names.length > 0 ? ` (${names.join(', ')} ${names.length === 1 ? 'does' : 'do'})` : ' (no role does)'
}

function robotCheck(subject: Subject, permission: Permission, place: string): Check {
  const grant = 'robot grant'
  const name = nameOf(subject)
  const found = subject.grants.find((one) => one.permission === permission)
  if (found) {
    const where = found.everywhere ? 'every project' : place
    return { grant, held: true, detail: `${name} is granted ${permission} in ${where}.` }
  }
  const push = subject.grants.find((one) => one.permission === 'repository:push')
  if (push && permission === 'repository:pull') {
    const where = push.everywhere ? 'every project' : place
    return { grant, held: true, detail: `${name} is granted repository:push in ${where}, which implies ${permission}.` }
  }
  const others = subject.grants.map((one) => one.permission)
  const has = others.length > 0 ? `only ${others.join(', ')}` : 'nothing'
  return { grant, held: false, detail: `${name} is not granted ${permission} in ${place}: it is granted ${has} there.` }
}

function publicCheck(name: string, facts: AccessFacts, permission: Permission): Check {
  const grant = 'public project'
  if (!facts.project?.public) return { grant, held: false, detail: `Project ${name} is not public.` }
  return publicPermissions.has(permission)
    ? { grant, held: true, detail: `Project ${name} is public, so everybody holds ${permission} there.` }
    : { grant, held: false, detail: `Project ${name} is public, but not everybody holds ${permission} there.` }
}

function accountOf({ who, systemAdmin }: Subject): AccessFacts['account'] {
  return who.kind === 'anonymous' ? undefined : { revision: who.revision, systemAdmin }
}

function nameOf({ who }: Subject): string {
  return who.kind === 'anonymous' ? 'Nobody' : `${who.kind === 'user' ? 'User' : 'Robot'} ${who.name}`
}
