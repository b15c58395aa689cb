import { setTimeout as sleep } from 'node:timers/promises'
import type { Breakwater } from './breakwater.ts'
import { send } from './http-client.ts'
import { basic } from './system.ts'

/** A request to the API as the administrator; the body of an answer with one of these statuses. Throws on others. */
export async function callApi(
  system: Breakwater,
  method: string,
  path: string,
  { body, expect = [200, 201, 202] }: { readonly body?: object; readonly expect?: readonly number[] } = {},
): Promise<string> {
  const headers = { authorization: basic(system.account), 'content-type': 'application/json' }
  const payload = body && Buffer.from(JSON.stringify(body))
  const reply = await send(system, { method, path, headers, ...(payload && { body: payload }) })
  const text = reply.body.toString()
  if (!expect.includes(reply.status)) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
  return text
}

/** A project, with Harbor's gate against vulnerabilities of a severity or worse where one is given. */
export async function makeProject(system: Breakwater, name: string, severity?: string): Promise<void> {
  await callApi(system, 'POST', '/api/v2.0/projects', { body: { project_name: name } })
  if (severity === undefined) return
  for (const [key, value] of Object.entries({ severity, prevent_vul: 'true' })) {
    await callApi(system, 'PUT', `/api/v2.0/projects/${name}/metadatas/${key}`, { body: { [key]: value } })
  }
}

/** The digest of the vulnerability database in use; undefined when there is none. */
async function databaseInUse(system: Breakwater): Promise<string | undefined> {
  const status = await callApi(system, 'GET', '/api/breakwater/v1/vulndb')
  return (JSON.parse(status) as { database: { digest: string } | null }).database?.digest
}

/** Waits for the first import, or throws. */
export async function untilDatabase(system: Breakwater, timeoutMs = 120_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while ((await databaseInUse(system)) === undefined) {
    if (Date.now() > deadline) throw new Error(`no vulnerability database within ${timeoutMs / 1000} s`)
    await sleep(200)
  }
}
