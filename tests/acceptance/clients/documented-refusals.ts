import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const page = fileURLToPath(new URL('../../../docs/reference/refusals.md', import.meta.url))

/** What the reference page says that clients print: a section for each, with lines `- REFUSAL: TEXT` in backticks. */
export function documentedRefusals(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [, ...sections] = readFileSync(page, 'utf8').split(/^### /m)
  return new Map(
    sections.map((section) => {
      const [heading = ''] = section.split('\n')
      const lines = section.matchAll(/^- ([^:`]+): `(.+)`$/gm)
      return [heading, new Map([...lines].map(([, refusal = '', text = '']) => [refusal, text]))]
    }),
  )
}
