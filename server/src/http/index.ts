/**
 * http: the server: limits, TLS, request ids, and the one place that turns an error into a reply.
 * Owns tables: none.   Enter by: createHttpServer.
 * Uses: config, observability, metadata, content.   Never: knows an endpoint.
 */
export { errorReply } from './reply-error.ts'
export { origin } from './origin.ts'
export { send } from './send.ts'
export { type HttpServer, createHttpServer } from './server.ts'
export type { Reply } from './reply.ts'
