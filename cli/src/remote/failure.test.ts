import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

/** What a command says to a server that answers so. */
async function errorOf(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const { code, out, err } = await cli().run(['project', 'list', '--url', url])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    return err.replaceAll(url, 'URL')
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('an address that sends its clients elsewhere', async () => {
  const err = await errorOf((_, response) => response.writeHead(308, { Location: 'https://r.example.com/x' }).end())
  expect(err).toBe('breakwater: URL sends its clients to https://r.example.com/x. Give its scheme and host as --url.\n')
})

test('too many attempts', async () => {
  const body = JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'too many failed logins' }] })
  const err = await errorOf((_, response) => response.writeHead(429, { 'Retry-After': '7' }).end(body))
  expect(err).toBe('breakwater: URL refuses this for now (too many failed logins). Try again in 7 seconds.\n')
})

test.each([
  [404, '<html>nothing here</html>'],
  [200, '<html>welcome</html>'],
  [200, ''],
])('a page of something else, with %i', async (status, body) => {
  expect(await errorOf((_, response) => response.writeHead(status).end(body))).toBe(
    `breakwater: URL answered ${status}, in a way that no Breakwater does. Check --url.\n`,
  )
})

test('a connection that ends, and one that nobody takes', async () => {
  expect(await errorOf((request) => request.socket.resetAndDestroy())).toMatch(/^breakwater: Cannot reach URL \(E/)
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  const { code, err } = await cli().run(['project', 'list', '--url', `http://127.0.0.1:${port}`])
  expect(code).toBe(1)
  expect(err).toContain('(ECONNREFUSED). Is the server running, and is --url (BREAKWATER_URL) right?')
})
