import { send } from '../lib/http-client.ts'
import type { ListingJob } from './job.ts'

async function readAll(job: ListingJob): Promise<void> {
  const names = new Set<string>()
  for (let path: string | undefined = job.path; path !== undefined; ) {
    const reply = await send(job, { method: 'GET', path, headers: job.headers })
    if (reply.status !== 200) throw new Error(`GET ${path}: ${reply.status} ${reply.body}`)
    for (const name of (JSON.parse(reply.body.toString()) as { tags: string[] }).tags) names.add(name)
    path = /<([^>]+)>/.exec(String(reply.headers['link'] ?? ''))?.[1]
  }
  if (names.size !== job.tags) throw new Error(`GET ${job.path}: expected ${job.tags} tags, got ${names.size}`)
}

/** The returned function reads the list `times` times and gives the milliseconds of each. */
export function prepareListing(job: ListingJob): () => Promise<number[]> {
  return async () => {
    const durations: number[] = []
    for (let time = 0; time < job.times; time++) {
      const begun = performance.now()
      await readAll(job)
      durations.push(performance.now() - begun)
    }
    return durations
  }
}
