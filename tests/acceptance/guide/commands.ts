import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The guide that Breakwater follows, kept beside the checkout. */
const guide = fileURLToPath(new URL('../../../../shared/guide/source.txt', import.meta.url))

/** The lines of the guide between two of its lines. Throws where the guide is not there. */
function linesBetween(from: string, to: string): readonly string[] {
  if (!existsSync(guide))
    throw new Error('../shared/guide/source.txt is not there: the commands cannot be read from it')
  const lines = readFileSync(guide, 'utf8').split('\n')
  const first = lines.findIndex((line) => line.startsWith(from))
  const last = lines.findIndex((line, index) => index > first && line.startsWith(to))
  return lines.slice(first + 1, last)
}

/**
 * The commands that begin with one of `programs` as the guide prints them, between two of its lines: each from its first
 * line to the line that no longer goes on. Throws where the guide is not there or has none.
 */
export function guideCommands(from: string, to: string, programs: readonly string[] = ['curl']): string[] {
  const commands: string[] = []
  let open: string[] | undefined
  for (const line of linesBetween(from, to)) {
    if (!open && !programs.some((program) => line.startsWith(`${program} `))) continue
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

/** The script of a step of the guide's workflow, by the step's name, up to the line that no longer belongs to it. */
export function guideScript(step: string, to: string): string {
  const lines = linesBetween(`- name: ${step}`, to)
  const first = lines.indexOf('run: |')
  if (first < 0) throw new Error(`the guide has no script in "${step}"`)
  return lines.slice(first + 1).join('\n')
}

/** A printed command with the registry of this test in place of the guide's. */
export function at(host: string, command: string | undefined): string {
  if (command === undefined) throw new Error('the guide does not print that command any more')
  return command.replaceAll('harbor.example.com', host)
}
