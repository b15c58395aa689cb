import { setTimeout as sleep } from 'node:timers/promises'
import type { Breakwater } from '../../bench/lib/breakwater.ts'
import { send } from '../../bench/lib/http-client.ts'
import { basic } from '../../bench/lib/system.ts'

/** Has a collection run to its end, and returns what it counted; throws where it did not succeed. */
export async function runCollection(
  system: Breakwater,
  parameters: { readonly strays?: boolean } = {},
): Promise<{ readonly blobs?: number; readonly strays?: number }> {
  const headers = { authorization: basic(system.account), 'content-type': 'application/json' }
  const call = async (method: string, path: string, body?: Buffer) => {
    const address = `/api/breakwater/v1/collection${path}`
    const reply = await send(system, { method, path: address, headers, ...(body && { body }) })
    return JSON.parse(reply.body.toString())
  }
  let run = await call('POST', '/runs', Buffer.from(JSON.stringify(parameters)))
  while (run.state === 'Pending' || run.state === 'Running') {
    await sleep(20)
    run = await call('GET', `/runs/${run.id}`)
  }
  if (run.state !== 'Success') throw new Error(`the collection ended otherwise: ${JSON.stringify(run)}`)
  return run.counts
}
