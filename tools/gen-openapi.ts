/**
 * Writes docs/reference/harbor-api.openapi.json from the schemas of packages/harbor-contract.
 * With --check it writes nothing and fails when the document is not what the schemas say.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { openApiDocument } from './openapi/document.ts'

const page = new URL('../docs/reference/harbor-api.openapi.json', import.meta.url)
const rendered = `${JSON.stringify(openApiDocument(), null, 1)}\n`

if (!process.argv.includes('--check')) writeFileSync(page, rendered)
else if (current() !== rendered) {
  console.error('docs/reference/harbor-api.openapi.json is not what the schemas say: run `node tools/gen-openapi.ts`.')
  process.exitCode = 1
}

function current(): string | undefined {
  try {
    return readFileSync(page, 'utf8')
  } catch {
    return undefined
  }
}
