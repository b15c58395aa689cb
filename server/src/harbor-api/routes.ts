import { RegistryError } from '@breakwater/oci'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorReply, type Reply, send } from '../http/index.ts'
import { type ApiDeps, identify } from './caller.ts'
import { createProjectMember, memberBody } from './member.ts'
import type { ApiOperation } from './operation.ts'
import { createProject, deleteProject, getProject, headProject, projectBody } from './project.ts'
import { createUser, deleteUser, userBody } from './user.ts'

const prefix = '/api/v2.0'

export function registerHarborApi(app: FastifyInstance, deps: ApiDeps): void {
  void app.register(async (api) => {
    api.setErrorHandler((error: FastifyError, request, reply) => send(reply, answerError(error, request)))
    api.get('/api/version', (request, reply) => sendJson(reply, request, { version: 'v2.0' }))
    api.get(`${prefix}/ping`, (request, reply) =>
      send(reply, {
        status: 200,
        headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Request-Id': request.id },
        body: 'Pong',
      }),
    )
    const serve = (operation: ApiOperation) => async (request: FastifyRequest, reply: FastifyReply) => {
      const caller = await identify(deps, {
        authorization: request.headers.authorization,
        address: request.ip,
        id: request.id,
      })
      const answer = await operation(deps, {
        caller,
        params: request.params as Record<string, string>,
        query: request.query as Record<string, string>,
        body: request.body,
        byName: request.headers['x-is-resource-name'] === 'true',
        path: new URL(request.url, 'http://x').pathname.replace(/\/+$/, ''),
      })
      await send(reply, { ...answer, headers: { ...answer.headers, 'X-Request-Id': request.id } })
    }
    api.post(`${prefix}/projects`, { schema: { body: projectBody } }, serve(createProject))
    api.head(`${prefix}/projects`, serve(headProject))
    api.get(`${prefix}/projects/:project_name_or_id`, serve(getProject))
    api.delete(`${prefix}/projects/:project_name_or_id`, serve(deleteProject))
    api.post(
      `${prefix}/projects/:project_name_or_id/members`,
      { schema: { body: memberBody } },
      serve(createProjectMember),
    )
    api.post(`${prefix}/users`, { schema: { body: userBody } }, serve(createUser))
    api.delete(`${prefix}/users/:user_id`, serve(deleteUser))
  })
}

/** Harbor answers what its schema refuses with 422 and a list. */
function answerError(error: FastifyError, request: FastifyRequest): Reply {
  const known = error.validation
    ? new RegistryError('UNPROCESSABLE_ENTITY', `validation failure list:\n${error.message}`)
    : error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY'
      ? new RegistryError('UNPROCESSABLE_ENTITY', `parsing body failed, because ${error.message}`)
      : error
  const answer = errorReply(known)
  return { ...answer, headers: { ...answer.headers, 'X-Request-Id': request.id } }
}

function sendJson(reply: FastifyReply, request: FastifyRequest, body: unknown): Promise<void> {
  return send(reply, {
    status: 200,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'X-Request-Id': request.id },
    body: JSON.stringify(body),
  })
}
