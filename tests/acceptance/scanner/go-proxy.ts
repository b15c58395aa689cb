import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../support/command.ts'
import { type LayerContent, writeFiles } from './layered-image.ts'
import { zipOf } from './stored-zip.ts'

/** A module of a made-up proxy; its content is one empty package. */
export interface GoModule {
  readonly path: string
  readonly version: string
}

/**
 * A Go program that is linked with these modules, built by the real compiler from a module proxy that is a folder
 * (go.dev/ref/mod, GOPROXY protocol).
 */
export async function proxiedGoLayer(folder: string, modules: readonly GoModule[]): Promise<LayerContent> {
  const proxy = `${folder}-proxy`
  for (const one of modules) await writeModule(proxy, one)
  const source = `${folder}-source`
  writeFiles(source, {
    'main.go': ['package main', ...modules.map(({ path }) => `import _ "${path}"`), 'func main() {}', ''].join('\n'),
    'go.mod': [
      'module example.test/fuzzed',
      'go 1.16',
      ...modules.map(({ path, version }) => `require ${path} ${version}`),
      '',
    ].join('\n'),
  })
  const env = {
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=mod -buildvcs=false',
    GOPROXY: `file://${proxy}`,
    GONOSUMDB: '*',
    GONOSUMCHECK: '1',
    GOMODCACHE: `${folder}-cache`,
  }
  mkdirSync(folder)
  const program = join(folder, 'usr', 'bin', 'fuzzed')
  await outputOf('go', ['build', '-modcacherw', '-o', program, '.'], { cwd: source, env, timeoutMs: 300_000 })
  return { from: folder }
}

async function writeModule(proxy: string, { path, version }: GoModule): Promise<void> {
  const escaped = path.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
  const place = join(proxy, escaped, '@v')
  const root = `${path}@${version}`
  writeFiles(place, {
    [`${version}.info`]: JSON.stringify({ Version: version, Time: '2020-01-01T00:00:00Z' }),
    [`${version}.mod`]: `module ${path}\n`,
    list: `${version}\n`,
    [`${version}.zip`]: zipOf({ [`${root}/go.mod`]: `module ${path}\n`, [`${root}/x.go`]: 'package x\n' }),
  })
}
