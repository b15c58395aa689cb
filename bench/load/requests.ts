import { type Connection, openConnection } from './connection.ts'
import type { RequestsJob } from './job.ts'

/** Opens the connections; the returned function runs the loop and gives each request's milliseconds. */
export async function prepareRequests(job: RequestsJob): Promise<() => Promise<number[]>> {
  const { host, port } = job.address
  const headers = Object.entries({ host: `${host}:${port}`, ...job.headers }).map(([key, value]) => `${key}: ${value}`)
  const requests = job.paths.map((path) =>
    Buffer.from(`${job.method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`),
  )
  let fail: (cause: Error) => void = (cause) => {
    throw cause
  }
  const opening = Array.from({ length: job.connections }, () =>
    openConnection(job.address, job.readBuffer, (cause) => fail(cause)),
  )
  const connections = await Promise.all(opening)
  return () =>
    new Promise<number[]>((resolve, reject) => {
      fail = reject
      run(
        job,
        requests,
        connections,
        (durations) => {
          for (const connection of connections) connection.close()
          resolve(durations)
        },
        reject,
      )
    })
}

function run(
  job: RequestsJob,
  requests: readonly Buffer[],
  connections: readonly Connection[],
  finished: (durations: number[]) => void,
  failed: (cause: Error) => void,
): void {
  const durations: number[] = []
  const deadline = performance.now() + job.atMost.seconds * 1000
  const hasBody = job.method === 'GET'
  let sent = 0
  let running = connections.length

  const next = (connection: Connection): void => {
    const begun = performance.now()
    if (sent >= job.atMost.requests || begun >= deadline) {
      running -= 1
      if (running === 0) finished(durations)
      return
    }
    const request = requests[sent % requests.length]
    if (!request) throw new Error('a requests job needs at least one path')
    sent += 1
    connection.exchange(request, hasBody, ({ status, contentLength }) => {
      if (status !== 200 || (job.contentLength ?? contentLength) !== contentLength) {
        const wanted = `200 with ${job.contentLength ?? 'any number of'} bytes`
        failed(new Error(`${job.method}: expected ${wanted}, got ${status} with ${contentLength} bytes`))
        return
      }
      durations.push(performance.now() - begun)
      next(connection)
    })
  }
  for (const connection of connections) next(connection)
}
