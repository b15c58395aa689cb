import type { OperatingSystem, Package } from '@breakwater/inventory'
import { expect, test } from 'vitest'
import { questionOf } from './question.ts'

function packageOf(given: Partial<Package>): Package {
  return { type: 'debian', name: 'libssl3', version: '3.0.1-1', purl: 'pkg:x', layer: 'sha256:0', ...given }
}

const source = { sourceName: 'openssl', sourceVersion: '1:3.0.1-1' }

test.each<[string, string, Partial<OperatingSystem>, string, string, string]>([
  ['debian', '12.15', {}, 'debian 12', 'openssl', '1:3.0.1-1'],
  ['ubuntu', '22.04', {}, 'ubuntu 22.04', 'openssl', '1:3.0.1-1'],
  ['ubuntu', '22.04', { extended: true }, 'ubuntu 22.04', 'openssl', '1:3.0.1-1'],
  ['ubuntu', '18.04', { extended: true }, 'ubuntu 18.04-ESM', 'openssl', '1:3.0.1-1'],
  ['ubuntu', '18.04', {}, 'ubuntu 18.04', 'openssl', '1:3.0.1-1'],
  ['alpine', '3.20.1', {}, 'alpine 3.20', 'openssl', '1:3.0.1-1'],
  ['wolfi', '20230201', {}, 'wolfi', 'openssl', '3.0.1-1'],
  ['chainguard', '1', {}, 'chainguard', 'openssl', '3.0.1-1'],
  ['alma', '8.4', {}, 'alma 8', 'libssl3', '3.0.1-1'],
  ['rocky', '9.3', {}, 'rocky 9', 'libssl3', '3.0.1-1'],
  ['oracle', '8.9', {}, 'Oracle Linux 8', 'libssl3', '3.0.1-1'],
  ['amazon', '2 (Karoo)', {}, 'amazon linux 2', 'libssl3', '3.0.1-1'],
  ['amazon', '2023.6.20241010', {}, 'amazon linux 2023', 'libssl3', '3.0.1-1'],
  ['amazon', 'AMI release 2018.03', {}, 'amazon linux 1', 'libssl3', '3.0.1-1'],
  ['photon', '5.0', {}, 'Photon OS 5.0', 'openssl', '3.0.1-1'],
  ['azurelinux', '3.0.20240727', {}, 'Azure Linux 3.0', 'openssl', '1:3.0.1-1'],
  ['cbl-mariner', '2.0', {}, 'CBL-Mariner 2.0', 'openssl', '1:3.0.1-1'],
  ['suse linux enterprise server', '15.6', {}, 'SUSE Linux Enterprise 15.6', 'libssl3', '3.0.1-1'],
  ['opensuse-leap', '15.6', {}, 'openSUSE Leap 15.6', 'libssl3', '3.0.1-1'],
  ['opensuse-tumbleweed', '20240601', {}, 'openSUSE Tumbleweed', 'libssl3', '3.0.1-1'],
])('%s %s %j is asked of %s about %s %s', (family, name, more, bucket, asked, version) => {
  const one = packageOf({ type: family, ...source })
  const question = questionOf(one, { os: { family, name, ...more }, repositoryRelease: undefined })
  expect(question).toMatchObject({ bucket, name: asked, version })
})

test("what an Alpine image's repositories say beats its release file", () => {
  const os = { family: 'alpine', name: '3.19.1' }
  const one = packageOf({ type: 'alpine' })
  expect(questionOf(one, { os, repositoryRelease: '3.20' })?.bucket).toBe('alpine 3.20')
  expect(questionOf(one, { os, repositoryRelease: 'edge' })?.bucket).toBe('alpine edge')
})

test('a binary without a source is its own', () => {
  const facts = { os: { family: 'debian', name: '12' }, repositoryRelease: undefined }
  expect(questionOf(packageOf({}), facts)).toMatchObject({ name: 'libssl3', version: '3.0.1-1' })
})

test('modular packages are asked about by stream; those that do not say it are not', () => {
  const facts = { os: { family: 'alma', name: '8.4' }, repositoryRelease: undefined }
  const one = packageOf({ type: 'alma', name: 'npm', version: '1:6.14-1.module_el8.3' })
  const labelled = { ...one, modularity: 'nodejs:12:8030020201124152102:229f0a1c' }
  expect(questionOf(labelled, facts)?.name).toBe('nodejs:12::npm')
  expect(questionOf(one, facts)).toBeUndefined()
})

test('the architecture counts where advisories differ by it, and nowhere else', () => {
  const archOf = (family: string) =>
    questionOf(packageOf({ type: family, arch: 'aarch64' }), {
      os: { family, name: '8' },
      repositoryRelease: undefined,
    })?.arch
  expect(['rocky', 'oracle', 'alma', 'debian'].map(archOf)).toEqual(['aarch64', 'aarch64', '', ''])
})

test.each([
  ['node-pkg', '@Scope/Name', 'npm::', '@scope/name', 'npm'],
  ['python-pkg', 'Jinja_2.x', 'pip::', 'jinja-2.x', 'pip'],
  ['gemspec', 'Rails', 'rubygems::', 'rails', 'gem'],
  ['gobinary', 'github.com/BurntSushi/toml', 'go::', 'github.com/BurntSushi/toml', 'generic'],
  ['jar', 'Org.Example:Lib', 'maven::', 'org.example:lib', 'maven'],
  ['rustbinary', 'Time', 'cargo::', 'time', 'generic'],
  ['nuget', 'Newtonsoft.Json', 'nuget::', 'newtonsoft.json', 'generic'],
  ['swift', 'https://github.com/A/b.git', 'swift::', 'github.com/A/b', 'generic'],
  ['cocoapods', 'AFNetworking', 'cocoapods::', 'AFNetworking', 'gem'],
])('%s %s is asked of %s as %s', (type, name, bucket, spelt, rule) => {
  const question = questionOf(packageOf({ type, name, version: '1.0' }), {
    os: undefined,
    repositoryRelease: undefined,
  })
  expect(question).toEqual({ bucket, name: spelt, version: '1.0', rule, arch: '' })
})

test.each<[string, Partial<Package>, OperatingSystem | undefined]>([
  ["another vendor's package", { thirdParty: true }, { family: 'debian', name: '12' }],
  ["rpm's keys", { type: 'alma', name: 'gpg-pubkey' }, { family: 'alma', name: '8' }],
  ['no version', { version: '' }, { family: 'debian', name: '12' }],
  ['a version without end', { version: '1'.repeat(513) }, { family: 'debian', name: '12' }],
  ['no name', { name: '' }, { family: 'debian', name: '12' }],
  ['a distribution without a release', {}, { family: 'debian', name: '' }],
  ['a family without rules', { type: 'redhat' }, { family: 'redhat', name: '9.4' }],
  ['no distribution', {}, undefined],
  ['a package of another distribution', {}, { family: 'alpine', name: '3.20' }],
  ['a type without rules', { type: 'conda-pkg' }, undefined],
])('nothing is asked of %s', (_, given, os) => {
  expect(questionOf(packageOf(given), { os, repositoryRelease: undefined })).toBeUndefined()
})
