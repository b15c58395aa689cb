import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anonymous, type Principal } from '../identity/index.ts'
import { holds, holdsInSystem } from './decide.ts'
import { explain, type Place, type Subject } from './explain.ts'
import { grantable, type Permission, rolePermissions } from './permission.ts'
import { type RoleId, rankRoles } from './role.ts'

const known = { id: 3, name: 'x', revision: 1, credential: 'basic' } as const
const permissions: readonly Permission[] = [
  ...rolePermissions[1],
  ...grantable.system,
  'metadata:list',
  'repository:scanner-pull',
]
const permission = fc.constantFrom(...permissions)
const anybody: fc.Arbitrary<Subject> = fc.record({
  who: fc.constantFrom<Principal>(anonymous, { kind: 'user', ...known }, { kind: 'robot', ...known }),
  unusable: fc.constant(undefined),
  systemAdmin: fc.boolean(),
  memberships: fc.array(
    fc.record({ role: fc.constantFrom<RoleId>(1, 2, 3, 4, 5), group: fc.constantFrom(undefined, 'g') }),
    { maxLength: 3 },
  ),
  grants: fc.array(fc.record({ permission, everywhere: fc.boolean() }), { maxLength: 4 }),
})

/** Robots have no roles, users no grants, and nobody has either: what the queries see to. */
function plausible(subject: Subject): Subject {
  const { kind } = subject.who
  return {
    ...subject,
    systemAdmin: kind === 'user' && subject.systemAdmin,
    memberships: kind === 'user' ? subject.memberships : [],
    grants: kind === 'robot' ? subject.grants : [],
  }
}

it('always says what the decision says, and shows the grant that made it', () => {
  fc.assert(
    fc.property(
      anybody.map(plausible),
      permission,
      fc.constantFrom('system', 'public', 'private'),
      (subject, asked, where) => {
        const project = { id: 1, public: where === 'public' }
        const place: Place = where === 'system' ? { kind: 'system' } : { kind: 'project', name: 'p', project }
        const facts = {
          project,
          account: subject.who.kind === 'anonymous' ? undefined : { revision: 1, systemAdmin: subject.systemAdmin },
          roles: rankRoles(subject.memberships.map(({ role }) => role)),
          granted: subject.grants.map((grant) => grant.permission),
        }
        const decided = where === 'system' ? holdsInSystem(subject.who, facts, asked) : holds(subject.who, facts, asked)
        const said = explain(subject, asked, place)
        expect(said.allowed).toBe(decided)
        expect(said.checked.some(({ held }) => held)).toBe(decided)
        expect(said.because).toMatch(/^[A-Z].*\.$/)
      },
    ),
    { numRuns: 1000 },
  )
})

it('an account that may not be used has nothing', () => {
  const subject: Subject = {
    who: { kind: 'robot', ...known },
    unusable: 'is disabled',
    systemAdmin: false,
    memberships: [],
    grants: [{ permission: 'repository:pull', everywhere: true }],
  }
  const said = explain(subject, 'repository:pull', { kind: 'project', name: 'p', project: { id: 1, public: true } })
  expect(said).toEqual({ allowed: false, because: 'Robot x is disabled.', checked: [] })
})
