import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const folder = new URL('./migrations/', import.meta.url)
const files = readdirSync(folder).sort()

it('migrations are numbered without gaps, as two processes must agree on their order', () => {
  expect(files.map((name) => Number(name.slice(0, 4)))).toEqual(files.map((_, index) => index + 1))
})

/**
 * A migration runs while processes of the release before still answer. It adds; what it makes superfluous goes in a
 * migration of the release after, which says so in a line `-- contracts: WHAT`.
 */
it.each(files.filter((name) => name > '0006'))('%s takes nothing away from the release before', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8')
  if (/^-- contracts: \S/m.test(text)) return
  const statements = text.replaceAll(/--.*$/gm, '')
  expect(statements).not.toMatch(
    /\bdrop\s+(table|column|view)\b|\brename\s+(to|column)\b|\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b/i,
  )
})
