import { describe, expect, it } from 'vitest'
import { pushImage } from '../../../server/test/content.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

describe('breakwater gc', () => {
  it('says what would go, collects, and shows what waits', async () => {
    const image = await pushImage(cli().registry, 'library/app', '1')
    expect((await cli().registry.ask('DELETE', `/v2/library/app/manifests/${image.digest}`)).status).toBe(202)
    expect(await cli().good(['gc', 'run', '--dry-run'])).toBe(
      '0 blobs would be deleted, 0 of them manifests: 0 bytes\nnothing was changed\n',
    )
    expect(await cli().good(['gc', 'run'])).toContain('0 blobs are deleted: 0 bytes')
    const shown = await cli().good(['gc', 'status'])
    // Two blobs when they came, and two blobs and a manifest when they were named no more.
    expect(shown).toMatch(/waiting +5 to be looked at when they have been unused for 86400 s/)
    expect(shown).toMatch(/1 +\S+ \S+ +Manual +Success +0 +0 +dry run/)
    const status = await cli().json<{ runs: { id: number; state: string }[] }>(['gc', 'status'])
    expect(status.runs.map(({ id, state }) => [id, state])).toEqual([
      [2, 'Success'],
      [1, 'Success'],
    ])
  })

  it('refuses who it does not know', async () => {
    const refused = await cli().run(['gc', 'status', '--user', 'nobody'])
    expect(refused.code).not.toBe(0)
  })
})
