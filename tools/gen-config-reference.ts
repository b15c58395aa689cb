/**
 * Writes docs/reference/configuration.md from the configuration schema.
 * With --check it writes nothing and fails when the page is not what the schema says.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { renderReference } from '../server/src/config/index.ts'

const page = new URL('../docs/reference/configuration.md', import.meta.url)
const rendered = renderReference()

if (process.argv.includes('--check')) {
  if (current() !== rendered) {
    console.error(
      'docs/reference/configuration.md is not what the schema says: run `node tools/gen-config-reference.ts`.',
    )
    process.exitCode = 1
  }
} else {
  mkdirSync(new URL('.', page), { recursive: true })
  writeFileSync(page, rendered)
}

function current(): string | undefined {
  try {
    return readFileSync(page, 'utf8')
  } catch {
    return undefined
  }
}
