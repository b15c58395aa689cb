import { describe, expect, it } from 'vitest'
import * as access from '../../src/access/index.ts'
import { roleIds } from '../accounts.ts'
import {
  ownGrants,
  projectGrants,
  publicPermissions,
  rolePermissions,
  roles,
  systemGrants,
} from './permission-table.ts'

describe('the table of permissions', () => {
  it.each(roles)('has for %s what Harbor has', (role) => {
    expect([...access.harborRolePermissions[roleIds[role]]].sort()).toEqual(rolePermissions[role].toSorted())
  })

  it.each([
    ['everybody in public projects', access.publicPermissions, publicPermissions],
    ['robots of projects', access.grantable.project, [...projectGrants, ...ownGrants]],
    ['robots of the system', access.grantable.system, systemGrants],
  ])('has for %s what Harbor has', (_, ours, theirs) => {
    expect([...ours].sort()).toEqual(theirs.toSorted())
  })

  it('is whole', () => {
    expect(roles.map((role) => rolePermissions[role].length)).toEqual([75, 53, 36, 20, 14])
    expect([publicPermissions, projectGrants, systemGrants].map(({ length }) => length)).toEqual([12, 70, 70])
  })
})
