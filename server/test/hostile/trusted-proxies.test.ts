import { describe, expect, it } from 'vitest'
import { basic } from '../client.ts'
import { startRegistry } from '../registry.ts'

describe('the address of a client', () => {
  it.each([
    ['is what a trusted proxy says', { BREAKWATER_TRUSTED_PROXIES: '127.0.0.0/8' }, '203.0.113.7'],
    ['is where the connection comes from, whatever others say', {}, '127.0.0.1'],
    ['is not told by a proxy that is not trusted', { BREAKWATER_TRUSTED_PROXIES: '10.0.0.0/8' }, '127.0.0.1'],
  ])('%s', async (_, env, address) => {
    await using registry = await startRegistry(env)
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    await registry.ask('GET', '/api/v2.0/users/current', { auth: basic('admin', 'wrong'), headers })
    expect(await registry.query('select address from refusal where action = $1', ['login'])).toEqual([{ address }])
  })
})
