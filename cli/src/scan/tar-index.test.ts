import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { indexTar, readExactly } from './tar-index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bw-tar-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function read(archive: string): Promise<Record<string, string>> {
  await using file = await open(archive)
  const entries = await indexTar(file)
  const contents: [string, string][] = []
  for (const [path, { offset, size }] of entries) {
    contents.push([path, (await readExactly(file, offset, size)).toString('utf8')])
  }
  return Object.fromEntries(contents)
}

const longName = `${'long-'.repeat(30)}name`

test.each(['ustar', 'gnu', 'pax'])('finds the files of a tar archive, format %s', async (format) => {
  const content = join(folder, 'content')
  mkdirSync(join(content, 'a/b'), { recursive: true })
  writeFileSync(join(content, 'a/b/file'), 'x'.repeat(513))
  writeFileSync(join(content, 'empty'), '')
  symlinkSync('../empty', join(content, 'a/link'))
  symlinkSync('nowhere', join(content, 'dangling'))
  if (format !== 'ustar') writeFileSync(join(content, longName), 'long')
  const archive = join(folder, 'archive.tar')
  execFileSync('tar', ['-C', content, `--format=${format}`, '-cf', archive, '.'])
  expect(await read(archive)).toEqual({
    'a/b/file': 'x'.repeat(513),
    empty: '',
    'a/link': '',
    ...(format !== 'ustar' && { [longName]: 'long' }),
  })
})

test('refuses what is no archive, and one that ends early', async () => {
  const archive = join(folder, 'archive.tar')
  writeFileSync(archive, Buffer.alloc(2048, 'x'))
  await expect(read(archive)).rejects.toThrow('no tar archive')
  const content = join(folder, 'content')
  writeFileSync(content, 'x'.repeat(5000))
  execFileSync('tar', ['-C', folder, '-cf', join(folder, 'whole.tar'), 'content'])
  execFileSync('dd', [`if=${join(folder, 'whole.tar')}`, `of=${archive}`, 'bs=512', 'count=4'], { stdio: 'ignore' })
  await expect(read(archive)).rejects.toThrow('ends in the middle of a file')
})
