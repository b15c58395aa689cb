/** Layers that are made to cost memory or time, each read in a process of its own. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Megabytes beyond what the process had before, and what became of the layer. `entries`: an expression. */
function cost(entries: string): { readonly grown: number; readonly partial: readonly string[] } {
  const program = `
    import { tarOf } from '${folder}fixture.ts'
    import { defaultLayerLimits, readLayer } from '${folder}index.ts'
    const entries = ${entries}
    async function* archive() {
      let part = []
      for (const entry of entries) {
        part.push(entry)
        if (part.length === 1000) { yield tarOf(part).subarray(0, -1024); part = [] }
      }
      yield tarOf(part)
    }
    globalThis.gc()
    const before = process.memoryUsage().rss
    let peak = before
    const watch = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss) }, 5)
    const { inventory } = await readLayer(archive(), defaultLayerLimits)
    clearInterval(watch)
    peak = Math.max(peak, process.memoryUsage().rss)
    console.log(JSON.stringify({ grown: (peak - before) / 2 ** 20, partial: inventory.partial }))`
  const limits = ['--expose-gc', '--max-old-space-size=160', '--max-semi-space-size=4']
  const text = execFileSync(process.execPath, [...limits, '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  return JSON.parse(text)
}

test.each([
  [
    'whiteouts of long names',
    `(function* () { for (let i = 0; i < 60_000; i++) yield { path: 'd/'.repeat(1000) + '.wh.' + i } })()`,
  ],
  [
    'packages without end',
    `(function* () { for (let i = 0; i < 120_000; i++) yield { path: i + '/package.json', content: '{"name":"n' + i + '","version":"1"}' } })()`,
  ],
  [
    'packages of long names',
    `(function* () { for (let i = 0; i < 5_000; i++) yield { path: 'd/'.repeat(1500) + i + '/package.json', content: '{"name":"' + 'n'.repeat(3000) + '","version":"1"}' } })()`,
  ],
  [
    'kinds that can not be read, without end',
    `(function* () { for (let i = 0; i < 60_000; i++) yield { path: 'd/'.repeat(500) + i + '.jar' } })()`,
  ],
])('%s stay within the bound, and the layer is partial', { timeout: 90_000 }, (_, entries) => {
  const { grown, partial } = cost(entries)
  expect(grown).toBeLessThan(250)
  expect(partial.length).toBeGreaterThan(0)
})

test('a gemspec of spaces ends', { timeout: 90_000 }, () => {
  const entries = `[{ path: 'specifications/a.gemspec', content: 's' + '.name'.repeat(2) + ' '.repeat(250_000) + '= x' + '.version ='.repeat(20_000) }]`
  expect(cost(entries).partial).toEqual([])
})
