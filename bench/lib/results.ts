import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Circumstances } from './machine.ts'

const folder = fileURLToPath(new URL('../results/', import.meta.url))

/** The file for a run's results without its ending: `bench/results/<date>-<commit>-<name>`. */
export function resultFile(at: Circumstances, name: string): string {
  return join(folder, `${at.date.slice(0, 10)}-${at.commit}-${name}`)
}

/** Writes `<file>.json` and, when there is a page, `<file>.md`. */
export function writeResults(file: string, value: object, page?: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.json`, `${JSON.stringify(value, null, 2)}\n`)
  if (page !== undefined) writeFileSync(`${file}.md`, page)
}
