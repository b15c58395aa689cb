import type { FoundPackage } from '../layer-inventory.ts'
import type { Facts } from './analyzer.ts'

const headerBytes = 32
const inlineStrings = 2
/** 16 bytes stand before and after the modules' text. */
const sentinel = 16

/** Whether what begins here can still turn out to be build information: a look at few bytes, before many are kept. */
export function mayBeBuildInfo(bytes: Buffer): boolean {
  if (bytes.length < headerBytes + 8) return true
  if (((bytes[15] ?? 0) & inlineStrings) === 0) return [4, 8].includes(bytes[14] ?? 0)
  const text = headerBytes + ((bytes[headerBytes] ?? 0) < 0x80 ? 1 : 2)
  return /^(?:go\d|devel )/.test(bytes.toString('latin1', text, text + 6))
}

/** What a Go program was built of; undefined where the bytes are no build information (debug/buildinfo, runtime/debug). */
export function goPackages(bytes: Buffer): Facts | undefined {
  if (bytes.length < headerBytes) return undefined
  const pointerSize = bytes[14] ?? 0
  const flags = bytes[15] ?? 0
  // Before Go 1.18 the header points elsewhere in the file.
  if ((flags & inlineStrings) === 0) return [4, 8].includes(pointerSize) ? { notCovered: 'gobinary-1.17' } : undefined
  const version = stringAt(bytes, headerBytes)
  if (!version || !/^(?:go\d|devel )/.test(version.text)) return undefined
  const modules = stringAt(bytes, version.end)
  const framed = modules && modules.bytes.length > 2 * sentinel
  const text = framed ? modules.bytes.toString('utf8', sentinel, modules.bytes.length - sentinel) : ''
  return { application: { type: 'gobinary', packages: [...modulesOf(text), ...standardLibrary(version.text)] } }
}

function stringAt(bytes: Buffer, start: number): { text: string; bytes: Buffer; end: number } | undefined {
  let length = 0
  let at = start
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at]
    if (byte === undefined || shift > 28) return undefined
    length += (byte & 0x7f) * 2 ** shift
    at += 1
    if (byte < 0x80) break
  }
  if (at + length > bytes.length) return undefined
  const found = bytes.subarray(at, at + length)
  return { text: found.toString('utf8'), bytes: found, end: at + length }
}

function standardLibrary(goVersion: string): FoundPackage[] {
  const version = /^go(\S+)/.exec(goVersion)?.[1]
  return version ? [{ name: 'stdlib', version: `v${version}` }] : []
}

function modulesOf(text: string): FoundPackage[] {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const packages: FoundPackage[] = []
  let main: { name: string; version: string } | undefined
  for (const [kind, name = '', version = ''] of lines) {
    if (kind === 'mod' && name) main = { name, version: known(version) }
    if (kind === 'dep' && name) packages.push({ name, version: known(version) })
    // A replacement takes the place of the module before it.
    if (kind === '=>' && name) packages.splice(-1, 1, { name, version: known(version) })
  }
  if (main) {
    const flags = lines.find(([kind, setting]) => kind === 'build' && setting?.startsWith('-ldflags='))?.[1] ?? ''
    packages.unshift({ name: main.name, version: main.version || versionFromFlags(flags, main.name) })
  }
  return packages
}

function known(version: string): string {
  return version === '(devel)' ? '' : version
}

/** `-X main.version=1.2.3`: the one version that is set, in the main package before the module's, before others. */
function versionFromFlags(flags: string, module: string): string {
  const found: [string[], string[], string[]] = [[], [], []]
  for (const [, key = '', value = ''] of flags.matchAll(/-X[= ]'?"?([^\s=]+)=([^\s'"]+)/g)) {
    if (!/\.ver(?:sion)?$/i.test(key) || !/^v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]*)?$/.test(value)) continue
    const rank = key.startsWith('main.') ? 0 : key.startsWith(module) ? 1 : 2
    found[rank].push(value)
  }
  const versions = found.find((group) => group.length > 0) ?? []
  const [version] = versions
  return version && new Set(versions).size === 1 ? `v${version.replace(/^v/, '')}` : ''
}
