import { basename } from 'node:path'
import { importedRooms, type Room, readRooms, type SourceFile } from './room.ts'
import { createdTables, writtenTables } from './tables.ts'

/** All that is wrong with the rooms below `root`, a sentence each. */
export function checkRooms(root: string): string[] {
  const rooms = readRooms(root)
  const tables = createdTables(rooms.flatMap(({ sources }) => sources))
  return [...rooms.flatMap(checkHeader), ...checkOwners(rooms, tables), ...checkWrites(rooms, tables)]
}

function checkHeader(room: Room): string[] {
  const { name, header } = room
  if (!header) {
    return [`${name}: index.ts is missing or does not begin with a comment that begins with "${name}: what it is for".`]
  }
  const problems: string[] = []
  if (header.name !== name) problems.push(`${name}: the header in index.ts calls the room ${header.name}.`)
  for (const title of header.missing) problems.push(`${name}: the header in index.ts has no "${title}:".`)
  const imported = importedRooms(room)
  const untold = [...imported].filter((used) => !header.uses.includes(used))
  const unused = header.uses.filter((used) => !imported.has(used))
  if (untold.length > 0) problems.push(`${name}: imports ${untold.join(', ')}; add to "Uses:" in the header.`)
  if (unused.length > 0)
    problems.push(`${name}: does not import ${unused.join(', ')}; remove from "Uses:" in the header.`)
  return problems
}

function checkOwners(rooms: readonly Room[], tables: ReadonlySet<string>): string[] {
  const owned = rooms.flatMap(({ name, header }) => (header?.tables ?? []).map((table) => ({ name, table })))
  const unknown = owned.filter(({ table }) => !tables.has(table))
  const miscounted = [...tables].flatMap((table) => {
    const owners = owned.filter((one) => one.table === table).map(({ name }) => name)
    if (owners.length === 1) return []
    const said = owners.length === 0 ? 'no room' : owners.join(' and ')
    return [`The table ${table} is owned by ${said}; exactly one header has to name it under "Owns tables:".`]
  })
  return [...unknown.map(({ name, table }) => `${name}: owns ${table}, which no migration makes.`), ...miscounted]
}

function checkWrites(rooms: readonly Room[], tables: ReadonlySet<string>): string[] {
  return rooms.flatMap(({ name, header, sources }) =>
    sources.filter(isCode).flatMap((file) => {
      const mayWrite = isPlaceForSql(name, file) ? (header?.tables ?? []) : []
      const wrong = [...writtenTables(file, tables)].filter((table) => !mayWrite.includes(table))
      return wrong.map((table) => `${file.path}: changes ${table}; only the queries of the room that owns it may.`)
    }),
  )
}

/** Migrations fill the tables that they make, and hold the functions that rooms call to write theirs. */
function isCode({ path }: SourceFile): boolean {
  return !path.endsWith('.sql')
}

/** metadata is about SQL as a whole; elsewhere it is in queries.ts and files such as robot-queries.ts. */
function isPlaceForSql(room: string, { path }: SourceFile): boolean {
  return room === 'metadata' || /(?:^|-)queries\.ts$/.test(basename(path))
}
