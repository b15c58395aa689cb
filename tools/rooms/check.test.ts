import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkRooms } from './check.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'breakwater-rooms-'))
  write('metadata/index.ts', header('metadata', 'setting'))
  write('metadata/migrations/0001.sql', 'create table setting (key text);\ncreate table tag (name text);\n')
  write('metadata/database.ts', 'db.query(`insert into setting values (1)`)')
  write('artifacts/index.ts', header('artifacts', 'tag', 'metadata'))
  write(
    'artifacts/queries.ts',
    "import { a } from '../metadata/index.ts'\ndb.query('update tag t set name = $1')\ndb.query('delete from tag')",
  )
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function header(name: string, tables: string, uses = 'nothing'): string {
  return `/**\n * ${name}: is for something.\n * Owns tables: ${tables}.   Enter by: a.\n * Uses: ${uses}.   Never: b.\n */\n`
}

test('rooms that say what they are pass', () => {
  expect(checkRooms(root)).toEqual([])
})

test.each([
  ['no door', 'gc/mark.ts', 'export const a = 1', /^gc: index.ts is missing/],
  ['no header', 'gc/index.ts', "export { a } from './a.ts'", /^gc: index.ts is missing/],
  ['another name', 'gc/index.ts', header('sweep', 'none'), /calls the room sweep/],
  ['half a header', 'gc/index.ts', '/**\n * gc: collects.\n * Owns tables: none.\n */\n', /no "Enter by:"/],
  ['an untold import', 'metadata/a.ts', "import type { T } from '../artifacts/index.ts'", /imports artifacts/],
  ['a use that is none', 'gc/index.ts', header('gc', 'none', 'metadata'), /does not import metadata/],
  ['a table twice owned', 'gc/index.ts', header('gc', 'tag'), /tag is owned by artifacts and gc/],
  ['a table that is not', 'gc/index.ts', header('gc', 'doomed'), /owns doomed, which no migration makes/],
  ['a table without owner', 'metadata/migrations/0002.sql', 'create table blob (a int);', /blob is owned by no room/],
  ['a foreign write', 'metadata/a.ts', 'q(`with a as (insert into tag (name) values (1)) select 1`)', /changes tag/],
  ['a write outside queries.ts', 'artifacts/record.ts', 'q(`UPDATE tag\n  set name = 1`)', /record.ts: changes tag/],
])('%s is told', (_, path, text, problem) => {
  write(path, text)
  expect(checkRooms(root).join('\n')).toMatch(problem)
})

test('what only looks like a write passes', () => {
  write(
    'artifacts/lists.ts',
    'q(`select 1 from tag for update`) // insert into words; do update set tag = 1; update tag names',
  )
  expect(checkRooms(root)).toEqual([])
})
