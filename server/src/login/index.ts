/**
 * login: where credentials become tokens: /service/token.
 * Owns tables: none.   Enter by: registerLogin.
 * Uses: metadata, http, identity, access, distribution, ledger.   Never: grants more than was asked for.
 */
export { registerLogin } from './routes.ts'
