import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { imageOf } from '@breakwater/inventory/fixture'
import { mediaType, parseDigest } from '@breakwater/oci'
import pg from 'pg'
import { expect, it } from 'vitest'
import { mustPutManifest, pushBlob } from '../../server/test/content.ts'
import { debian } from '../../server/test/scanning/image.ts'
import { sharedState } from './fixture.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

/** An image that takes a while to read: its own Debian layer, and noise. */
async function pushSlow(server: ServerProcess, tag: string): Promise<void> {
  const image = imageOf([debian, [{ path: 'noise', content: randomBytes(8 << 20) }]])
  for (const [text, bytes] of image.blobs) {
    const digest = parseDigest(text)
    if (digest) await pushBlob(server, 'library/killed', { digest, bytes })
  }
  await mustPutManifest(server, 'library/killed', tag, image.manifest, mediaType.ociManifest)
}

/** Processes that read blobs for a server which is gone. */
function orphans(): string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'ppid=,args=']).toString().split('\n')
  return lines.filter((line) => /^\s*1\s.*reader-entry/.test(line))
}

it('scans that a killed server had begun are ended by the next one, each once', { timeout: 90_000 }, async () => {
  const { env, database } = await sharedState()
  const pool = new pg.Pool({ ...database.connection, max: 1 })
  pool.on('error', () => undefined)
  try {
    const states = async () => {
      const { rows } = await pool.query<{ state: string; count: number }>(
        'select state, count(*)::int from scan group by 1 order by 1',
      )
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
    }
    let pushed = 0
    for (let kill = 0; kill < 4; kill += 1) {
      const server = await startServerProcess(env)
      for (let image = 0; image < 3; image += 1) {
        await pushSlow(server, `v${pushed}`)
        pushed += 1
      }
      await server.kill()
    }
    // Some were under way or not begun when the server died, or the test shows nothing.
    expect((await states())['success'] ?? 0).toBeLessThan(pushed)
    await using _last = await startServerProcess(env)
    await expect.poll(states, { timeout: 60_000, interval: 200 }).toEqual({ success: pushed })

    // Whatever is still said by the queue changes nothing any more.
    const revisions = () => pool.query('select digest, revision from scan order by digest')
    const before = await revisions()
    await wait(3_000)
    expect((await revisions()).rows).toEqual(before.rows)
    const { rows } = await pool.query('select count(*)::int as layers, count(distinct blob)::int as blobs from layer')
    expect(rows).toEqual([{ layers: pushed + 1, blobs: pushed + 1 }])
    expect(orphans()).toEqual([])
  } finally {
    await pool.end()
  }
})
