import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'

export interface SourceFile {
  /** Relative to the folder of all rooms. */
  readonly path: string
  readonly text: string
}

export interface Room {
  readonly name: string
  /** Tests left out. */
  readonly sources: readonly SourceFile[]
  /** Undefined when index.ts is missing or does not begin with one. */
  readonly header: Header | undefined
}

/** What the comment at the top of a room's index.ts says. */
export interface Header {
  readonly name: string
  readonly tables: readonly string[]
  readonly uses: readonly string[]
  /** Sentences that a header has to have and this one lacks. */
  readonly missing: readonly string[]
}

/** The rooms below a folder: each of its folders is one. */
export function readRooms(root: string): Room[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const index = join(root, name, 'index.ts')
      const header = existsSync(index) ? parseHeader(readFileSync(index, 'utf8')) : undefined
      return { name, header, sources: readSources(root, join(root, name)) }
    })
}

/** The TypeScript and SQL files of a folder. */
function readSources(root: string, folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|sql)$/.test(path) && !/\.test\.ts$|^fixture\.ts$/.test(basename(path)))
    .map((path) => join(folder, path))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))
}

/** The first comment of a file, when it has the form of a room's header. */
function parseHeader(text: string): Header | undefined {
  const [, comment = ''] = /^\/\*\*\n((?: \*.*\n)+?) \*\/\n/.exec(text) ?? []
  const words = comment.replace(/^ \* ?/gm, '').replace(/\s+/g, ' ')
  const [, name] = /^([a-z-]+): \S/.exec(words) ?? []
  if (name === undefined) return undefined
  const missing = ['Owns tables', 'Enter by', 'Uses', 'Never'].filter((title) => !words.includes(`${title}: `))
  return { name, tables: list(words, 'Owns tables', 'none'), uses: list(words, 'Uses', 'nothing'), missing }
}

function list(words: string, title: string, nothing: string): string[] {
  const [, items = nothing] = new RegExp(`${title}: ([^.]*)\\.`).exec(words) ?? []
  return items === nothing ? [] : items.split(/, | and /).map((item) => item.trim())
}

/** The rooms that a room's files import. */
export function importedRooms({ name, sources }: Room): Set<string> {
  const found = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/from '(\.[^']*)'/g)].map(([, target = '']) => join(dirname(path), target).split('/')[0] ?? ''),
  )
  return new Set(found.filter((room) => room !== name))
}
