import { type Connection, openConnection } from './connection.ts'
import type { Address, RequestsJob } from './job.ts'

/** A connection and the bytes of every request as they are sent to its address. */
interface Lane {
  readonly connection: Connection
  readonly requests: readonly Buffer[]
}

function encodeRequests(job: RequestsJob, { host, port }: Address): Buffer[] {
  const headers = Object.entries({ host: `${host}:${port}`, ...job.headers }).map(([key, value]) => `${key}: ${value}`)
  return job.paths.map((path) => Buffer.from(`${job.method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`))
}

/** Opens the connections; the returned function runs the loop and gives each request's milliseconds. */
export async function prepareRequests(job: RequestsJob): Promise<() => Promise<number[]>> {
  const places = job.addresses.map((address) => ({ address, requests: encodeRequests(job, address) }))
  let fail: (cause: Error) => void = (cause) => {
    throw cause
  }
  const opening = Array.from({ length: job.connections }, async (_, index): Promise<Lane> => {
    const place = places[index % places.length]
    if (!place) throw new Error('a requests job needs at least one address')
    const connection = await openConnection(place.address, job.readBuffer, (cause) => fail(cause))
    return { connection, requests: place.requests }
  })
  const lanes = await Promise.all(opening)
  return () =>
    new Promise<number[]>((resolve, reject) => {
      fail = reject
      run(
        job,
        lanes,
        (durations) => {
          for (const { connection } of lanes) connection.close()
          resolve(durations)
        },
        reject,
      )
    })
}

function run(
  job: RequestsJob,
  lanes: readonly Lane[],
  finished: (durations: number[]) => void,
  failed: (cause: Error) => void,
): void {
  const durations: number[] = []
  const deadline = performance.now() + job.atMost.seconds * 1000
  const hasBody = job.method === 'GET'
  let sent = 0
  let running = lanes.length

  const next = (lane: Lane): void => {
    const begun = performance.now()
    if (sent >= job.atMost.requests || begun >= deadline) {
      running -= 1
      if (running === 0) finished(durations)
      return
    }
    const request = lane.requests[sent % lane.requests.length]
    if (!request) throw new Error('a requests job needs at least one path')
    sent += 1
    lane.connection.exchange(request, hasBody, ({ status, contentLength }) => {
      if (status !== 200 || (job.contentLength ?? contentLength) !== contentLength) {
        const wanted = `200 with ${job.contentLength ?? 'any number of'} bytes`
        failed(new Error(`${job.method}: expected ${wanted}, got ${status} with ${contentLength} bytes`))
        return
      }
      durations.push(performance.now() - begun)
      next(lane)
    })
  }
  for (const lane of lanes) next(lane)
}
