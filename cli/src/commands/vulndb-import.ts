import { setTimeout as wait } from 'node:timers/promises'
import { megabytes, type Progress } from '../progress.ts'
import { printable } from '../remote/table.ts'

/** An import as the API shows it. */
export interface DatabaseImport {
  readonly id: number
  readonly source: string | null
  readonly state: 'waiting' | 'running' | 'done' | 'unchanged' | 'refused' | 'failed'
  readonly message: string | null
  readonly requestedBy: string
  readonly requestedAt: string
  readonly endedAt: string | null
  readonly progress: { readonly stage: string; readonly done: number | null; readonly total: number | null } | null
}

const lookEveryMs = 500

/** Looks at an import until it has ended. */
export async function awaitImport(
  made: DatabaseImport,
  look: (id: number) => Promise<DatabaseImport>,
  progress: Progress,
): Promise<DatabaseImport> {
  let now = made
  while (now.state === 'waiting' || now.state === 'running') {
    progress.step(stepOf(now))
    await wait(lookEveryMs)
    now = await look(made.id)
  }
  return now
}

/** Where an import stands, in a few words. */
export function stepOf({ state, progress }: DatabaseImport): string {
  if (!progress) return state === 'waiting' ? 'waiting for its turn' : 'beginning'
  const { stage, done, total } = progress
  if (done === null || total === null) return stage
  if (stage === 'fetching') return `fetching: ${megabytes(done, total)}`
  return `${stage}: ${done} of ${total}`
}

/** What came of it, as a sentence. */
export function endedAs({ id, state, source, message }: DatabaseImport): string {
  const from = source === null ? 'the configured source' : printable(source)
  switch (state) {
    case 'done':
      return `The database from ${from} is in use.`
    case 'unchanged':
      return `The database from ${from} is the one in use already.`
    case 'refused':
      return `Refused; the database before stays. ${printable(message ?? '')}`
    case 'failed':
      return `Failed; the database before stays. ${printable(message ?? '')}`
    default:
      return `Import ${id} goes on in the background; \`breakwater vulndb status\` shows how far it is.`
  }
}
