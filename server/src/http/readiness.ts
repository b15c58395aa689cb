import type { ContentStore } from '../content/index.ts'
import { migrationState, type Pool } from '../metadata/index.ts'

export interface ReadinessDeps {
  readonly pool: Pool
  readonly store: Pick<ContentStore, 'space'>
}

/** What a load balancer goes by. A problem is a sentence without addresses, names or errors: anybody may ask. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<'server' | 'database' | 'store', string>>
}

/** Milliseconds after which what does not answer is not ready, and for which one answer serves all who ask. */
const patience = 2_000
const keptFor = 1_000

/** Returns a check that asks the database and the store at most once a second, however many ask. */
export function createReadiness({ pool, store }: ReadinessDeps, draining: () => boolean): () => Promise<Readiness> {
  let known: Promise<Omit<Readiness['checks'], 'server'>> | undefined
  let until = Number.POSITIVE_INFINITY
  const look = async () => {
    const [database, content] = await Promise.all([
      outcome(databaseProblem(pool), 'does not answer'),
      outcome(
        store.space().then(() => undefined),
        'does not answer, or takes no content',
      ),
    ])
    until = performance.now() + keptFor
    return { database, store: content }
  }
  return async () => {
    if (!known || performance.now() > until) {
      until = Number.POSITIVE_INFINITY
      known = look()
    }
    const checks = { server: draining() ? 'stops' : 'ok', ...(await known) }
    return { ready: Object.values(checks).every((text) => text === 'ok'), checks }
  }
}

async function databaseProblem(pool: Pool): Promise<string | undefined> {
  const { pending } = await migrationState(pool)
  return pending.length > 0 ? `lacks ${pending.length} migrations` : undefined
}

async function outcome(check: Promise<string | undefined>, failed: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, patience, failed)
  })
  try {
    return (await Promise.race([check, late])) ?? 'ok'
  } catch {
    return failed
  } finally {
    clearTimeout(timer)
  }
}
