import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../support/command.ts'

export type Pair = readonly [string, string]

/** Below, equal or above: -1, 0 or 1. */
export type Order = -1 | 0 | 1

/** How dpkg itself orders each pair: its own module, asked in one process. */
export async function dpkgOrders(pairs: readonly Pair[]): Promise<Order[]> {
  const program = 'while (<STDIN>) { chomp; my ($a, $b) = split /\\t/; print version_compare($a, $b), "\\n" }'
  return orders(await outputOf('perl', ['-MDpkg::Version', '-e', program], { input: lines(pairs) }), pairs)
}

/** How rpm itself orders each pair, by the function that its own scripts can call. */
export async function rpmOrders(folder: string, pairs: readonly Pair[]): Promise<Order[]> {
  const file = join(folder, 'rpm-pairs')
  writeFileSync(file, lines(pairs))
  const program = `for line in io.lines("${file}") do local a, b = line:match("^(.-)\\t(.*)$"); io.write(rpm.vercmp(a, b) .. "\\n") end`
  return orders(await outputOf('rpm', ['--eval', `%{lua: ${program}}`]), pairs)
}

function lines(pairs: readonly Pair[]): string {
  return pairs.map(([a, b]) => `${a}\t${b}\n`).join('')
}

function orders(output: string, pairs: readonly Pair[]): Order[] {
  const answers = output.split('\n').filter((text) => text !== '')
  if (answers.length !== pairs.length)
    throw new Error(`${pairs.length} pairs were given and ${answers.length} answered`)
  return answers.map((text) => Math.sign(Number(text)) as Order)
}
