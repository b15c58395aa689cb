import { type Pool, transaction } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { dropTables } from './partition-queries.ts'
import { deleteGeneration, findLeftovers } from './queries.ts'

/** How long the generation before stays readable for those who have begun with it. */
const keepMs = 60 * 60_000

/** Takes a generation away that is not in use. */
export async function discardGeneration(pool: Pool, id: number): Promise<void> {
  await dropTables(pool, id)
  await transaction(pool, (tx) => deleteGeneration(tx, id))
}

/**
 * Takes away what no one reads any more. Only for who has the right to import: unfinished generations are the caller's.
 * One that cannot go yet stays for the next time.
 */
export async function discardLeftovers(pool: Pool, log: Logger): Promise<void> {
  for (const generation of await findLeftovers(pool, keepMs)) {
    await discardGeneration(pool, generation).catch((err: unknown) =>
      log.warn({ err, generation }, 'an old vulnerability database is cleared away later'),
    )
  }
}
