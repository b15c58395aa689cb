/**
 * identity: who somebody is: accounts, passwords, tokens.
 * Owns tables: user_account.   Enter by: createAuthenticator, createTokens, users.
 * Uses: config, metadata, ledger.   Never: decides what somebody may do.
 */
export { type Authentication, type Authenticator, createAuthenticator } from './authenticate.ts'
export { adminPasswordFile, bootstrapAdmin } from './bootstrap.ts'
export { hashPassword } from './password.ts'
export { actorName, type Grant, type Principal } from './principal.ts'
export { createUser, deleteUser, findAccount, findUser } from './queries.ts'
export { openSecretKey } from './secret-key.ts'
export { createTokens, type Tokens } from './token.ts'
