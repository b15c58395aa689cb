/**
 * access: may they: Harbor's roles and robot permissions as data, and the decision.
 * Owns tables: none.   Enter by: decide, holds, holdsInSystem, explain.
 * Uses: identity.   Never: reads the database, writes a reply.
 */
export {
  type AccessFacts,
  decide,
  heldActions,
  holds,
  holdsInSystem,
  type RepositoryAction,
} from './decide.ts'
export { type Explanation, explain, type Place, type Subject } from './explain.ts'
export { grantable, harborRolePermissions, type Permission, publicPermissions, rolePermissions } from './permission.ts'
export { isRole, type RoleId, rankRoles, roleName } from './role.ts'
