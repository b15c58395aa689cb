import type { FastifyRequest } from 'fastify'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { failureReply } from './failure.ts'

it('logs a fault of ours with the path and the names of parameters, and nothing that they hold', () => {
  const lines: string[] = []
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) })
  const request = { id: 'r1', url: '/v2/a/blobs/uploads/1?_state=s3cret' } as FastifyRequest
  expect(failureReply(log, request, new Error('broken')).status).toBe(500)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { requestId: 'r1', url: '/v2/a/blobs/uploads/1?_state', msg: 'request failed', err: { message: 'broken' } },
  ])
  expect(lines.join()).not.toContain('s3cret')
})

it('logs nothing of what a client did wrong', () => {
  const log = pino({ base: null }, { write: (line: string) => expect.fail(line) })
  const error = Object.assign(new Error('too long'), { statusCode: 413 })
  expect(failureReply(log, { id: 'r1', url: '/' } as FastifyRequest, error).status).toBe(413)
})
