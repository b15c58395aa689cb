import { describe, expect, test } from 'vitest'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

describe('project', () => {
  test('is made, changed, shown and deleted', async () => {
    expect(await cli().good(['project', 'create', 'staging'])).toBe('Project staging is there, private.\n')
    expect(await cli().good(['project', 'list'])).toMatch(
      /^NAME +PUBLIC +REPOSITORIES.*\n(.*\n)*staging +no +0 +admin +2/,
    )
    expect(await cli().good(['project', 'set', 'staging', 'public=true', 'severity=high'])).toMatch(/^severity +high$/m)
    const shown = await cli().json<{ metadata: object }>(['project', 'set', 'staging', 'severity='])
    expect(shown.metadata).toEqual({ public: 'true' })
    expect((await cli().json<{ name: string }>(['project', 'show', 'staging'])).name).toBe('staging')
    const wrong = await cli().run(['project', 'set', 'staging', 'colour=red'])
    expect(wrong).toMatchObject({ code: 1, err: 'breakwater: invalid key: colour\n' })
    expect((await cli().run(['project', 'set', 'staging', 'public'])).code).toBe(2)
    expect(await cli().json(['project', 'delete', 'staging'])).toEqual({ deleted: 'staging' })
    expect(await cli().run(['project', 'show', 'staging'])).toMatchObject({
      code: 1,
      err: 'breakwater: project staging not found\n',
    })
  })

  test('a name of digits is a name', async () => {
    expect((await cli().json<{ name: string }>(['project', 'create', '1'])).name).toBe('1')
    expect((await cli().json<{ project_id: number }>(['project', 'show', '1'])).project_id).toBeGreaterThan(1)
  })

  test('lists go on to the last page', async () => {
    await cli().registry.query(
      `insert into project (name, owner_id) select 'page-' || lpad(n::text, 3, '0'), 1 from generate_series(1, 230) n`,
    )
    const names = (await cli().json<{ name: string }[]>(['project', 'list'])).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('page-'))).toHaveLength(230)
    expect(new Set(names).size).toBe(names.length)
  })
})
