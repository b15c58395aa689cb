import type { SourceFile } from './room.ts'

const created = /\bcreate table (?:if not exists )?(\w+)(?! partition of)\b/gi
const written = [
  /\b(?:insert into|delete from|merge into|truncate(?: table)?)\s+(\w+)\b/gi,
  /\bupdate\s+(?:only\s+)?(\w+)\b(?:\s+(?:as\s+)?\w+)?\s+set\b/gi,
]

/** The tables that the files make; partitions belong to their table. */
export function createdTables(files: readonly SourceFile[]): Set<string> {
  return new Set(files.flatMap(({ text }) => [...text.matchAll(created)].map(([, table = '']) => table)))
}

/** The tables among `known` that a file's SQL changes. */
export function writtenTables({ text }: SourceFile, known: ReadonlySet<string>): Set<string> {
  const tables = written.flatMap((form) => [...text.matchAll(form)].map(([, table = '']) => table))
  return new Set(tables.filter((table) => known.has(table)))
}
