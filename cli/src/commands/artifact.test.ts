import { describe, expect, it } from 'vitest'
import { pushImage } from '../../../server/test/content.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

describe('breakwater artifact', () => {
  it('lists what was deleted, and brings it back but for a tag that is taken', async () => {
    const image = await pushImage(cli().registry, 'library/app', 'stable')
    const name = `library/app@${image.digest}`
    expect(await cli().good(['artifact', 'deleted', 'library'])).toBe('There is nothing to bring back.\n')
    expect((await cli().registry.ask('DELETE', `/v2/library/app/manifests/${image.digest}`)).status).toBe(202)
    expect(await cli().good(['artifact', 'deleted', 'library'])).toMatch(
      new RegExp(
        `^ARTIFACT +TAGS +DELETED +BY +UNTIL\n${name}  stable  [\\d-]+ [\\d:]+  user:admin  [\\d-]+ [\\d:]+\n$`,
      ),
    )
    const next = await pushImage(cli().registry, 'library/app', 'stable')
    expect(await cli().json(['artifact', 'deleted', 'library/app'])).toMatchObject([{ digest: image.digest }])
    expect(await cli().good(['artifact', 'restore', name])).toBe(
      `${name} is back.\nTag stable was left alone: it names ${next.digest} by now.\n`,
    )
    expect((await cli().registry.ask('GET', `/v2/library/app/manifests/${image.digest}`)).status).toBe(200)
  })

  it('refuses what has no digest, and what was not deleted', async () => {
    expect((await cli().run(['artifact', 'restore', 'library/app:1'])).err).toContain('has no digest')
    const unknown = await cli().run(['artifact', 'restore', `library/app@sha256:${'0'.repeat(64)}`])
    expect([unknown.code === 0, unknown.err]).toEqual([false, expect.stringContaining('was not deleted within')])
  })
})
