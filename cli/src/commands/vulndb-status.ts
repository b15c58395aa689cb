import { printable, table } from '../remote/table.ts'
import { type DatabaseImport, stepOf } from './vulndb-import.ts'

/** What the API says of the database. */
export interface DatabaseStatus {
  readonly sources: readonly string[]
  readonly database: {
    readonly digest: string
    readonly source: string
    readonly builtAt: string
    readonly importedAt: string
    readonly ageSeconds: number
    readonly freshness: 'fresh' | 'alert' | 'stale'
    readonly advisories: number
  } | null
  readonly imports: readonly DatabaseImport[]
}

const judgements = {
  fresh: 'up to date',
  alert: 'older than a day: update it',
  stale: 'older than a week: new images of gated projects are refused; update it',
} as const

export function describeStatus({ sources, database, imports }: DatabaseStatus): string {
  const configured = sources.length > 0 ? sources.map(printable).join(', then ') : 'none'
  const lines: [string, string][] = database
    ? [
        ['source', printable(database.source)],
        ['digest', printable(database.digest)],
        ['built', `${database.builtAt} (${age(database.ageSeconds)} ago)`],
        ['imported', database.importedAt],
        ['state', judgements[database.freshness]],
        ['advisories', String(database.advisories)],
        ['configured', configured],
      ]
    : [
        ['state', 'there is no database yet: images of gated projects are refused'],
        ['configured', configured],
      ]
  const facts = lines.map(([name, value]) => `${name.padEnd(10)}  ${value}`).join('\n')
  return imports.length > 0 ? `${facts}\n\n${recent(imports)}` : facts
}

function recent(imports: readonly DatabaseImport[]): string {
  return table(
    ['IMPORT', 'ASKED FOR', 'BY', 'SOURCE', 'STATE', ''],
    imports.map((one) => [
      String(one.id),
      one.requestedAt.replace('T', ' ').slice(0, 16),
      one.requestedBy,
      one.source ?? 'configured',
      one.state,
      one.state === 'running' ? stepOf(one) : (one.message ?? ''),
    ]),
  )
}

/** `3 hours`, `8 days`. */
function age(seconds: number): string {
  const hours = Math.floor(seconds / 3600)
  if (hours < 1) return 'less than an hour'
  if (hours < 48) return hours === 1 ? '1 hour' : `${hours} hours`
  return `${Math.floor(hours / 24)} days`
}
