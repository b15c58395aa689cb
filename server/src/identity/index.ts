/**
 * identity: who somebody is: accounts, passwords, tokens.
 * Owns tables: user_account.   Enter by: createAuthenticator, createTokens, users.
 * Uses: metadata, ledger.   Never: decides what somebody may do.
 */
export { type Authentication, type Authenticator, createAuthenticator } from './authenticate.ts'
export { adminPasswordFile, bootstrapAdmin } from './bootstrap.ts'
export { hashPassword } from './password.ts'
export { type Grant, type Principal, actorName, anonymous } from './principal.ts'
export { type NewUser, type User, createUser, deleteUser, findAccount, findUser } from './queries.ts'
export { openSecretKey, type SecretKey } from './secret-key.ts'
export { createTokens, type Tokens } from './token.ts'
