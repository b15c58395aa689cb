import { mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it } from 'vitest'
import { indexManifest, mustPutManifest } from '../../../server/test/content.ts'
import { critical, gatedProject, low, pushScanned, writeDatabase } from '../../../server/test/gate/stage.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()

beforeAll(async () => {
  const { registry } = cli()
  await writeDatabase(registry)
  await gatedProject(registry, 'production')
  const bad = await pushScanned(registry, 'production/app', 'bad', [critical, low])
  await pushScanned(registry, 'production/app', 'good', [low])
  await mustPutManifest(registry, 'production/app', 'multi', indexManifest([bad]), mediaType.ociIndex)
})

describe('why', () => {
  it('tells what refuses an image, what counts, and what to do', async () => {
    const out = await cli().good(['why', 'harbor.example.com/production/app:bad'])
    expect(out).toMatch(
      /^production\/app@sha256:[0-9a-f]{64}: REFUSED\n {2}refused {2}current image with 1 critical vul/,
    )
    expect(out).toContain('Build it again with the fixed versions')
    expect(out).toMatch(/CVE-2026-4 +critical +openssl +1 +2\n/)
    expect(out).not.toContain('CVE-2026-1')
    expect(out).toMatch(/database {2}sha256:0, built 2\d{3}-/)
  })

  it('tells what may be pulled', async () => {
    expect(await cli().good(['why', 'production/app:good'])).toContain(': may be pulled\n')
    expect(await cli().json(['why', 'production/app:good'])).toMatchObject({ allowed: true, gated: true, reasons: [] })
  })

  it('tells of what is not there, and of what is no image', async () => {
    expect(await cli().run(['why', 'production/app:none'])).toMatchObject({ code: 1 })
    expect(await cli().run(['why', 'app'])).toMatchObject({ code: 2, err: expect.stringContaining('project/name') })
  })
})

describe('exception', () => {
  const at = ['--project', 'production']

  it('is not granted for what one pushed oneself, nor without saying where and why', async () => {
    expect((await cli().run(['exception', 'add', 'CVE-2026-4', '--reason', 'not reachable here'])).code).toBe(2)
    expect((await cli().run(['exception', 'add', 'CVE-2026-4', ...at])).code).toBe(2)
    const own = await cli().json<{ id: number }>([
      'exception',
      'add',
      'CVE-2026-4',
      ...at,
      '--reason',
      'not reachable here',
    ])
    expect(await cli().good(['why', 'production/app:bad'])).toContain('REFUSED')
    const list = await cli().good(['exception', 'list', ...at])
    expect(list).toMatch(/^ID +VULNERABILITY +UP TO +FOR +UNTIL +AUTHOR +REASON\n\d+ +CVE-2026-4 +critical +\*\* /)
    expect(await cli().good(['exception', 'revoke', String(own.id), ...at])).toContain('counts again')
    expect(await cli().good(['exception', 'list', ...at])).toContain('There are none.')
    expect(await cli().good(['exception', 'list', '--ended', ...at])).toContain('revoked')
  })
})

describe('policy', () => {
  it('is shown, set and tried out', async () => {
    await cli().registry.ask('GET', '/v2/production/app/manifests/good')
    expect(await cli().good(['policy', 'show', 'production'])).toMatch(/^prevent_vul +true\nseverity +high\n/)
    const set = ['policy', 'set', 'production', 'ignoreUnfixed=true', 'acceptNotCovered=jar,conda', 'holdSeconds=5']
    expect(await cli().json(set)).toMatchObject({
      settings: { mode: 'enforce', ignoreUnfixed: true, acceptNotCovered: ['jar', 'conda'], holdSeconds: 5 },
    })
    expect(await cli().json(['policy', 'set', 'production', 'acceptNotCovered='])).toMatchObject({
      settings: { ignoreUnfixed: true, acceptNotCovered: [] },
    })
    expect(await cli().run(['policy', 'set', 'production', 'mode=off'])).toMatchObject({ code: 1 })
    await expect
      .poll(() => cli().good(['policy', 'preview', 'production', '--severity', 'low']))
      .toMatch(/^1 of 1 artifacts, 1 of 1 pulls of the last 30 days would have been refused\.\n/)
  })

  it('has a floor, and a glass to break', async () => {
    expect(await cli().good(['policy', 'set', 'floor', 'severity=critical'])).toContain('severity          critical')
    expect(await cli().good(['policy', 'show', 'production'])).toMatch(/floor +critical, enforce/)
    expect(await cli().good(['policy', 'set', 'floor', 'severity='])).toMatch(/severity +-/)
    const broken = await cli().good(['policy', 'break-glass', 'production', '--reason', 'the mirror is down'])
    expect(broken).toContain('The glass is broken until')
    expect(await cli().good(['policy', 'show', 'production'])).toContain('by user:admin: the mirror is down')
    expect(await cli().good(['policy', 'break-glass', 'production', '--end'])).toContain('whole again')
    expect((await cli().run(['policy', 'break-glass', 'production'])).code).toBe(2)
  })
})
