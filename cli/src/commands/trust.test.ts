import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createProject } from '../../../server/test/accounts.ts'
import { pushImage } from '../../../server/test/content.ts'
import { commandLine } from '../fixture.ts'

const cli = commandLine()
const at = ['--project', 'signed']

function keyFile(name: string): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const file = join(cli().folder, `${name}.pub`)
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
  return file
}

beforeAll(async () => {
  await createProject(cli().registry, 'signed')
  await pushImage(cli().registry, 'signed/app', '1')
})

describe('trust', () => {
  it('lists, adds and removes keys', async () => {
    expect(await cli().good(['trust', 'list', ...at])).toContain('There are none')
    expect(
      await cli().good(['trust', 'add', 'ci', '--key', keyFile('ci'), ...at, '--repository', 'app', 'web-*']),
    ).toMatch(/^Signatures of ci \(SHA256:[0-9a-f]{64}\) count\.\n$/)
    await cli().good(['trust', 'add', 'house', '--key', keyFile('house'), '--everywhere'])
    const list = await cli().good(['trust', 'list', ...at])
    expect(list).toMatch(/^ci +SHA256:[0-9a-f]{16} +\S+ +signed +app web-\* +holds$/m)
    expect(list).toMatch(/^house +SHA256:[0-9a-f]{16} +\S+ +everywhere +\*\* +holds$/m)
    expect(list).toContain('Required: a signature of one of them.')
    expect(await cli().good(['trust', 'remove', 'house', '--everywhere', '--compromised'])).toContain('not count')
    expect(await cli().good(['trust', 'list', '--everywhere'])).toContain('compromised 2')
    await cli().good(['trust', 'remove', 'house', '--everywhere'])
    expect(await cli().json(['trust', 'list', '--everywhere'])).toMatchObject({ keys: [] })
  })

  it('tells what an image has, and fails where nothing verifies', async () => {
    const tested = await cli().run(['trust', 'test', 'signed/app:1'])
    expect(tested).toMatchObject({ code: 1, err: '' })
    expect(tested.out).toMatch(/^signed\/app@sha256:[0-9a-f]{64}\n {2}does not {2}ci\n\nNothing is attached\.\n$/)
  })

  it('says what is wrong with a call', async () => {
    expect((await cli().run(['trust', 'list'])).err).toContain('either --project PROJECT or --everywhere')
    expect((await cli().run(['trust', 'add', 'x', '--key', '/nowhere', ...at])).err).toContain('--key: ')
    const file = join(cli().folder, 'text.pub')
    writeFileSync(file, 'no key')
    expect(await cli().run(['trust', 'add', 'x', '--key', file, ...at])).toMatchObject({ code: 1 })
    expect(await cli().run(['trust', 'remove', 'nobody', ...at])).toMatchObject({ code: 1 })
  })
})
