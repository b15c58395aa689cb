import type { LanguageRule } from './model.ts'

/** A kind of language package: the prefix of its buckets, its order of versions, and how buckets spell its names. */
export interface Ecosystem {
  /** With `::` at its end. */
  readonly prefix: string
  readonly rule: LanguageRule
  spell(name: string): string
}

const lower = (name: string) => name.toLowerCase()
const asWritten = (name: string) => name

const npm: Ecosystem = { prefix: 'npm::', rule: 'npm', spell: lower }
const pip: Ecosystem = { prefix: 'pip::', rule: 'pip', spell: (name) => lower(name).replaceAll('_', '-') }
const gem: Ecosystem = { prefix: 'rubygems::', rule: 'gem', spell: lower }
const maven: Ecosystem = { prefix: 'maven::', rule: 'maven', spell: lower }
const cargo: Ecosystem = { prefix: 'cargo::', rule: 'generic', spell: lower }
const composer: Ecosystem = { prefix: 'composer::', rule: 'generic', spell: lower }
const go: Ecosystem = { prefix: 'go::', rule: 'generic', spell: asWritten }
const nuget: Ecosystem = { prefix: 'nuget::', rule: 'generic', spell: lower }

/** By trivy's names of package types. */
const ecosystems: ReadonlyMap<string, Ecosystem> = new Map([
  ...['node-pkg', 'npm', 'yarn', 'pnpm', 'bun'].map((type) => [type, npm] as const),
  ...['python-pkg', 'pip', 'pipenv', 'poetry', 'uv'].map((type) => [type, pip] as const),
  ...['gemspec', 'bundler'].map((type) => [type, gem] as const),
  ...['jar', 'pom', 'gradle', 'sbt'].map((type) => [type, maven] as const),
  ...['rustbinary', 'rust-binary', 'cargo'].map((type) => [type, cargo] as const),
  ...['composer', 'composer-vendor'].map((type) => [type, composer] as const),
  ...['gobinary', 'gomod'].map((type) => [type, go] as const),
  ...['nuget', 'dotnet-core', 'packages-props'].map((type) => [type, nuget] as const),
  ['pub', { prefix: 'pub::', rule: 'generic', spell: lower }],
  ['hex', { prefix: 'erlang::', rule: 'generic', spell: lower }],
  ['conan', { prefix: 'conan::', rule: 'generic', spell: lower }],
  ['swift', { prefix: 'swift::', rule: 'generic', spell: spellSwift }],
  ['cocoapods', { prefix: 'cocoapods::', rule: 'gem', spell: asWritten }],
  ['julia', { prefix: 'julia::', rule: 'generic', spell: asWritten }],
])

/** Undefined for a type that is not matched. */
export function ecosystemOf(type: string): Ecosystem | undefined {
  return ecosystems.get(type)
}

function spellSwift(name: string): string {
  return name.replace(/^https:\/\//, '').replace(/\.git$/, '')
}
