import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The guide that Breakwater follows, kept beside the checkout. */
const guide = fileURLToPath(new URL('../../../../shared/guide/source.txt', import.meta.url))

/**
 * The `curl` commands as the guide prints them, between two of its lines: each from its first line to the line that no
 * longer goes on. Throws where the guide is not there or has none.
 */
export function guideCommands(from: string, to: string): string[] {
  if (!existsSync(guide))
    throw new Error('../shared/guide/source.txt is not there: the commands cannot be read from it')
  const lines = readFileSync(guide, 'utf8').split('\n')
  const first = lines.findIndex((line) => line.startsWith(from))
  const last = lines.findIndex((line, index) => index > first && line.startsWith(to))
  const commands: string[] = []
  let open: string[] | undefined
  for (const line of lines.slice(first + 1, last)) {
    if (!open && !line.startsWith('curl ')) continue
    open = [...(open ?? []), line]
    const text = open.join('\n')
    const quotes = text.split("'").length - 1
    if (line.endsWith('\\') || quotes % 2 === 1) continue
    commands.push(text)
    open = undefined
  }
  if (commands.length === 0) throw new Error(`the guide has no command between "${from}" and "${to}"`)
  return commands
}
