/**
 * access: may they: roles, what each may do, and the decision.
 * Owns tables: none.   Enter by: decide.
 * Uses: identity.   Never: reads the database, writes a reply.
 */
export { type AccessFacts, type Decision, decide, heldActions, type RepositoryAction } from './decide.ts'
export { isRole, type RoleId } from './role.ts'
