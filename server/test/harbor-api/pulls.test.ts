import pg from 'pg'
import { expect, it } from 'vitest'
import { insertPulls } from '../../src/ledger/pull-queries.ts'
import type { Pull } from '../../src/ledger/record.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()

function pullOf(n: number): Pull {
  return {
    at: new Date(Date.UTC(2026, 0, 1, 0, 0, n)),
    repositoryId: 1 + (n % 3),
    digest: Buffer.alloc(32, n % 40),
    tag: n % 2 === 0 ? `t${n % 7}` : undefined,
    warned: false,
    actor: { name: 'user:x', credential: 'basic', address: '', requestId: '' },
  }
}

it('processes that count the same pulls in different orders lose none, and never block each other', async () => {
  await using stack = new AsyncDisposableStack()
  const pool = new pg.Pool({ ...registry().database.connection, max: 4 })
  pool.on('error', () => undefined)
  stack.defer(() => pool.end())
  const pulls = Array.from({ length: 400 }, (_, n) => pullOf(n))
  const batches = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? pulls : pulls.toReversed()))
  await Promise.all(batches.map((batch) => insertPulls(pool, batch)))
  const [sums] = await registry().query(
    `select (select sum(count) from artifact_pull)::int as artifacts, (select sum(count) from repository_pull)::int as repositories,
       (select count(*)::int from pull) as pulls, (select count(*)::int from tag_pull) as tags`,
  )
  expect(sums).toEqual({ artifacts: 16_000, repositories: 16_000, pulls: 16_000, tags: 21 })
  const [last] = await registry().query('select max(last_at) as at from artifact_pull')
  expect(last).toEqual({ at: new Date(Date.UTC(2026, 0, 1, 0, 0, 399)) })
})
