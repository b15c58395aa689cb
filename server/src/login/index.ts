/**
 * login: where credentials become tokens and sessions: /service/token, /c/login.
 * Owns tables: none.   Enter by: registerLogin, registerSessions.
 * Uses: observability, metadata, http, settings, identity, access, distribution, ledger.   Never: grants more than was asked for.
 */
export { readCookie, sessionCookie } from './cookie.ts'
export { type Csrf, createCsrf } from './csrf.ts'
export { registerLogin } from './routes.ts'
export { registerSessions } from './session-routes.ts'
