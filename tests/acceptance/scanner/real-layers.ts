import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { debianMirror } from '../../../bench/lib/debian-mirror.ts'
import { npmInstall } from '../../../bench/lib/npm-install.ts'
import { outputOf } from '../support/command.ts'
import { type LayerContent, writeFiles } from './layered-image.ts'

const minutes = 60_000

/** A Debian system of the essential packages and those named, as an uncompressed layer. */
export async function debianLayer(folder: string, suite: string, include: readonly string[]): Promise<LayerContent> {
  const tar = join(folder, `${suite}.tar`)
  const args = [
    '--variant=essential',
    '--mode=root',
    `--include=${include.join(',')}`,
    suite,
    tar,
    await debianMirror(),
  ]
  await outputOf('mmdebstrap', args, { timeoutMs: 10 * minutes })
  return { from: tar }
}

/** Node packages, as `npm install` leaves them; `name@version` each. */
export async function npmLayer(folder: string, packages: readonly string[]): Promise<LayerContent> {
  const application = join(folder, 'srv', 'app')
  mkdirSync(application, { recursive: true })
  writeFiles(application, { 'package.json': '{"name":"story","version":"1.0.0","private":true}' })
  await outputOf('npm', npmInstall(packages), { cwd: application, timeoutMs: 5 * minutes })
  return { from: folder, compression: 'zstd' }
}

/** Python packages, as `pip install` leaves them in an environment of their own; `name==version` each. */
export async function pipLayer(folder: string, packages: readonly string[]): Promise<LayerContent> {
  const environment = `${folder}-environment`
  await outputOf('python3', ['-m', 'venv', environment], { timeoutMs: 2 * minutes })
  const target = join(folder, 'opt', 'venv', 'lib', 'python3.9', 'site-packages')
  const options = ['-q', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--target', target]
  const pip = join(environment, 'bin', 'pip')
  await outputOf(pip, ['install', ...options, ...packages], { timeoutMs: 5 * minutes })
  return { from: folder }
}

/** Gems of real names and versions without content, built and installed by the real `gem`. */
export async function gemLayer(folder: string, gems: Readonly<Record<string, string>>): Promise<LayerContent> {
  const sources = `${folder}-sources`
  mkdirSync(sources)
  const home = join(folder, 'usr', 'local', 'bundle')
  for (const [name, version] of Object.entries(gems)) {
    const fields = [`s.name='${name}'`, `s.version='${version}'`, "s.summary='x'", "s.authors=['x']", 's.files=[]']
    writeFiles(sources, { [`${name}.gemspec`]: `Gem::Specification.new { |s| ${fields.join('; ')} }\n` })
    await outputOf('gem', ['build', '--silent', `${name}.gemspec`], { cwd: sources })
    const options = ['--local', '--force', '--no-document', '--ignore-dependencies', '--install-dir', home]
    await outputOf('gem', ['install', ...options, `${name}-${version}.gem`], { cwd: sources })
  }
  return { from: folder }
}

/** A Go program that is linked with modules of these versions, built by the real compiler. */
export async function goLayer(folder: string, modules: Readonly<Record<string, string>>): Promise<LayerContent> {
  const source = `${folder}-source`
  const imports = Object.keys(modules).map((path) => `import _ "${path}"`)
  const requires = Object.entries(modules).map(([path, version]) => `require ${moduleOf(path)} ${version}`)
  writeFiles(source, {
    'main.go': ['package main', ...imports, 'func main() {}', ''].join('\n'),
    'go.mod': ['module example.test/story', 'go 1.20', ...requires, ''].join('\n'),
  })
  const env = { CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false' }
  const program = join(folder, 'usr', 'local', 'bin', 'story')
  await outputOf('go', ['build', '-o', program, '.'], { cwd: source, env, timeoutMs: 5 * minutes })
  return { from: folder }
}

/** `golang.org/x/text/language` is in `golang.org/x/text`, `github.com/a/b/c` in `github.com/a/b`. */
function moduleOf(path: string): string {
  return path.split('/').slice(0, 3).join('/')
}
