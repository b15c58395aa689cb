/**
 * access: may they: roles, what each may do, and the decision.
 * Owns tables: none.   Enter by: decide.
 * Uses: identity.   Never: reads the database, writes a reply.
 */
export { type AccessFacts, decide, heldActions } from './decide.ts'
export { isRole, type RepositoryAction } from './role.ts'
