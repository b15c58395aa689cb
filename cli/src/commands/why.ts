import type { Command } from 'commander'
import type { Finish } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { connect } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { remoteCommand, show } from '../remote/remote-command.ts'
import { printable, table } from '../remote/table.ts'
import { readImage } from './image-reference.ts'

interface Said {
  readonly sentence: string
}

interface Judged {
  readonly digest: string
  readonly gated: boolean
  readonly allowed: boolean
  readonly reasons: readonly (Said & {
    readonly enforced: boolean
    readonly remedy: string
    readonly vulnerabilities?: readonly string[]
  })[]
  readonly notes: readonly Said[]
}

interface Finding {
  readonly id: string
  readonly severity: string
  readonly package: string
  readonly version: string
  readonly fixedVersion: string
}

interface Explained extends Judged {
  readonly repository: string
  readonly not_after: string
  readonly evidence: {
    readonly class: string | null
    readonly scan: string
    readonly scanned_at: string | null
    readonly total: number
    readonly findings: readonly Finding[]
  }
  readonly database: { readonly digest: string; readonly built_at: string; readonly age_hours: number } | null
  readonly children: readonly (Judged & { readonly platform: { os?: string; architecture?: string } | null })[]
}

/** `breakwater why`: whether an image may be pulled, every reason, and what to do. */
export function whyCommand(finish: Finish): Command {
  return remoteCommand('why', 'Say whether an image may be pulled, why not, and what to do.', [
    'breakwater why production/payments-api:1.2',
    'breakwater why harbor.example.com/production/payments-api@sha256:…',
  ])
    .argument('<image>', 'project/name:tag or project/name@digest')
    .action(async (text: string, options: RemoteOptions) => {
      const image = readImage(text)
      const client = await connect(options)
      const explained = await client.get<Explained>('/api/breakwater/v1/verdict', { ...image })
      show(options, explained, () => describe(explained))
      finish(exitCode.ok)
    })
}

function describe(explained: Explained): string {
  const { repository, digest, evidence, database, children } = explained
  const named = new Set(explained.reasons.flatMap(({ vulnerabilities }) => vulnerabilities ?? []))
  const counted = evidence.findings.filter(({ id }) => named.has(id))
  return [
    `${repository}@${digest}: ${headline(explained)}`,
    ...sayings(explained),
    ...(counted.length > 0 ? ['', findingsTable(counted)] : []),
    ...children.flatMap((child) => [
      '',
      `${platformOf(child)}  ${child.digest}: ${headline(child)}`,
      ...sayings(child),
    ]),
    '',
    `scan      ${evidence.scan}${evidence.scanned_at ? `, ${evidence.scanned_at}` : ''}`,
    `content   ${evidence.class ?? 'not read yet'}, ${evidence.total} findings of any severity`,
    `database  ${database ? `${database.digest}, built ${database.built_at} (${database.age_hours} hours ago)` : 'none'}`,
    `holds     until ${explained.not_after}, or until policy, scan or database change`,
  ].join('\n')
}

function headline({ gated, allowed, reasons }: Judged): string {
  if (!gated) return 'may be pulled; no policy asks for anything'
  if (!allowed) return 'REFUSED'
  return reasons.length > 0 ? 'may be pulled; the policy only warns' : 'may be pulled'
}

function sayings({ reasons, notes }: Judged): string[] {
  return [
    ...reasons.flatMap(({ sentence, remedy, enforced }) => [
      `  ${enforced ? 'refused' : 'warning'}  ${printable(sentence)}`,
      `           ${printable(remedy)}`,
    ]),
    ...notes.map(({ sentence }) => `  note     ${printable(sentence)}`),
  ]
}

function findingsTable(findings: readonly Finding[]): string {
  return table(
    ['VULNERABILITY', 'SEVERITY', 'PACKAGE', 'VERSION', 'FIXED IN'],
    findings.map(({ id, severity, package: name, version, fixedVersion }) => [
      id,
      severity,
      name,
      version,
      fixedVersion,
    ]),
  )
}

function platformOf({ platform }: Explained['children'][number]): string {
  return [platform?.os, platform?.architecture].filter(Boolean).join('/') || 'unknown platform'
}
