import { digestOf } from '@breakwater/oci'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Answer, type Ask, ask, errorOf } from '../client.ts'
import { admin } from '../registry.ts'
import { openWire } from '../wire.ts'

/** What an upload must be by the specification, with nothing of how it is kept. */
export interface Model {
  /** Bytes acknowledged; undefined where there is no upload under way. */
  received: Buffer | undefined
}

/** The upload as clients see it, through whichever of two servers the turn falls on. */
export interface Real {
  location: string
  readonly origins: readonly string[]
  turn: number
  /** Blobs that were acknowledged, by digest. */
  readonly acknowledged: Map<string, Buffer>
}

export const repository = 'library/model'
type Step = fc.AsyncCommand<Model, Real>
type Run = (model: Model, real: Real) => Promise<void>

function step(name: string, check: (model: Readonly<Model>) => boolean, run: Run): Step {
  return { check, run, toString: () => name }
}

function origin(real: Real): string {
  real.turn += 1
  return real.origins[real.turn % real.origins.length] ?? ''
}

function send(real: Real, method: string, path: string, asked: Ask = {}): Promise<Answer> {
  return ask(origin(real), method, path, { auth: admin, ...asked })
}

const running = ({ received }: Readonly<Model>) => received !== undefined
const range = (size: number) => `0-${Math.max(0, size - 1)}`
const receivedBy = (model: Model) => model.received ?? Buffer.alloc(0)

export const start = step(
  'start',
  ({ received }) => received === undefined,
  async (model, real) => {
    const answer = await send(real, 'POST', `/v2/${repository}/blobs/uploads/`)
    expect(answer.status).toBe(202)
    real.location = answer.headers.location ?? ''
    model.received = Buffer.alloc(0)
  },
)

const status = step(
  'status',
  () => true,
  async (model, real) => {
    const answer = await send(real, 'GET', real.location || `/v2/${repository}/blobs/uploads/none`)
    expect(answer.status).toBe(model.received ? 204 : 404)
    if (model.received) expect(answer.headers['range']).toBe(range(model.received.length))
  },
)

function patch(body: Buffer, form: 'plain' | 'ranged' | 'chunked'): Step {
  return step(`${form} PATCH of ${body.length}`, running, async (model, real) => {
    const received = receivedBy(model)
    const headers = { 'content-range': `${received.length}-${received.length + body.length - 1}` }
    const ranged = form === 'ranged' && body.length > 0 ? { headers } : {}
    const sent = form === 'chunked' ? [body.subarray(0, body.length >> 1), body.subarray(body.length >> 1)] : body
    const answer = await send(real, 'PATCH', real.location, { body: sent, ...ranged })
    expect(answer.status).toBe(202)
    model.received = Buffer.concat([received, body])
    expect(answer.headers['range']).toBe(range(model.received.length))
  })
}

function misplaced(body: Buffer, shift: number): Step {
  return step(`PATCH off by ${shift}`, running, async (model, real) => {
    const { length } = receivedBy(model)
    const first = length + shift
    if (first < 0) return
    const headers = { 'content-range': `${first}-${first + body.length - 1}` }
    const answer = await send(real, 'PATCH', real.location, { body, headers })
    expect(answer.status).toBe(416)
    expect(answer.headers['range']).toBe(range(length))
  })
}

/** The connection breaks in the middle: what the server then says that it has must be a beginning of what was sent. */
function broken(body: Buffer, sent: number): Step {
  return step(`PATCH of ${body.length} cut after ${sent}`, running, async (model, real) => {
    const received = receivedBy(model)
    const at = origin(real)
    {
      await using wire = await openWire(at)
      const head = `PATCH ${real.location} HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin}\r\nContent-Length: ${body.length}\r\n\r\n`
      await wire.send(Buffer.concat([Buffer.from(head), body.subarray(0, sent)]))
    }
    const asked = await settled(real, at)
    expect(asked).toBeGreaterThanOrEqual(received.length)
    expect(asked).toBeLessThanOrEqual(received.length + sent)
    model.received = Buffer.concat([received, body.subarray(0, asked - received.length)])
  })
}

/** How far the upload is once the server has noticed the break, found by asking until it no longer moves. */
async function settled(real: Real, at: string): Promise<number> {
  for (let before = -1; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 40))
    const answer = await ask(at, 'GET', real.location, { auth: admin })
    expect(answer.status).toBe(204)
    const [, last = ''] = String(answer.headers['range']).split('-')
    // 0-0 is said for none and for one byte: an empty chunk that must begin at 1 tells which.
    const offset = last === '0' ? await zeroOrOne(real, at) : Number(last) + 1
    if (offset === before) return offset
    before = offset
  }
}

async function zeroOrOne(real: Real, at: string): Promise<number> {
  const headers = { 'content-range': '7-7' }
  const answer = await ask(at, 'PATCH', real.location, { auth: admin, body: 'x', headers })
  return Number(/stands at (\d+)/.exec(errorOf(answer).message)?.[1])
}

function finish(body: Buffer | undefined, algorithm: 'sha256' | 'sha512'): Step {
  return step(`PUT ${algorithm} with ${body?.length ?? 'no'} bytes`, running, async (model, real) => {
    const whole = Buffer.concat([receivedBy(model), body ?? Buffer.alloc(0)])
    const digest = digestOf(whole, algorithm)
    const answer = await send(real, 'PUT', `${real.location}?digest=${digest}`, body ? { body } : {})
    expect(answer.status).toBe(201)
    expect(answer.headers['docker-content-digest']).toBe(digest)
    real.acknowledged.set(digest, whole)
    model.received = undefined
  })
}

const finishWrongly = step('PUT with a wrong digest', running, async (model, real) => {
  const digest = digestOf(Buffer.concat([receivedBy(model), Buffer.from('more')]))
  const answer = await send(real, 'PUT', `${real.location}?digest=${digest}`)
  expect(answer.status).toBe(400)
  expect(errorOf(answer).code).toBe('DIGEST_INVALID')
  model.received = undefined
})

const finishWithout = step('PUT without a digest', running, async (_model, real) => {
  const answer = await send(real, 'PUT', `${real.location}?digest=sha256:nonsense`)
  expect(answer.status).toBe(400)
})

const cancel = step('cancel', running, async (model, real) => {
  expect((await send(real, 'DELETE', real.location)).status).toBe(204)
  model.received = undefined
})

/** Two chunks race: the newest request goes on, so one or both are taken, and each answer is true. */
function race(one: Buffer, other: Buffer): Step {
  return step(`PATCH of ${one.length} beside ${other.length}`, running, async (model, real) => {
    const received = receivedBy(model)
    const answers = await Promise.all(
      [one, other].map(async (body) => ({ body, answer: await send(real, 'PATCH', real.location, { body }) })),
    )
    let whole = received
    const taken = answers.filter(({ answer }) => answer.status === 202)
    for (const { answer } of answers) expect(answer.status).toBeOneOf([202, 416])
    taken.sort((a, b) => end(a.answer) - end(b.answer))
    for (const { body } of taken) whole = Buffer.concat([whole, body])
    const last = taken.at(-1)
    if (last) expect(last.answer.headers['range']).toBe(range(whole.length))
    model.received = whole
  })
}

function end(answer: Answer): number {
  return Number(String(answer.headers['range']).split('-')[1])
}

const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength }).map((array) => Buffer.from(array))
/** A long run costs the shrinker nothing: it is one number. */
const long = fc.integer({ min: 1, max: 3 << 20 }).map((size) => Buffer.alloc(size, size % 251))
const chunk = fc.oneof({ weight: 5, arbitrary: bytes(64) }, { weight: 1, arbitrary: long })

const adding = [
  fc.tuple(chunk, fc.constantFrom('plain', 'ranged', 'chunked')).map(([body, form]) => patch(body, form)),
  fc.tuple(bytes(64), bytes(64)).map(([one, other]) => race(one, other)),
  fc
    .tuple(chunk, fc.double({ min: 0, max: 0.99, noNaN: true }))
    .map(([body, part]) => broken(body, Math.floor(body.length * part))),
]
const ending = [
  fc
    .tuple(fc.option(chunk, { nil: undefined }), fc.constantFrom('sha256', 'sha512'))
    .map(([body, algorithm]) => finish(body, algorithm)),
  fc.constant(finishWrongly),
  fc.constant(cancel),
]

/** Sequences of whatever clients may do with an upload; what ends one is rarer than what adds to it. */
export const steps = fc.commands(
  [
    ...adding,
    ...adding,
    ...adding,
    ...ending,
    fc.constant(start),
    fc.constant(start),
    fc.constant(status),
    fc.constant(finishWithout),
    fc.tuple(bytes(16), fc.constantFrom(-3, -1, 1, 7, 5000)).map(([body, shift]) => misplaced(body, shift)),
  ],
  { maxCommands: 16, size: 'max' },
)
