import { type ImportDeps, runImport } from './import.ts'
import { type ImportOutcome, type ImportRecord, nextWaiting } from './import-queries.ts'
import { withImportRight } from './import-right.ts'

/** The worker of the queue: does all imports that wait, one after another. */
export function createImporter(deps: ImportDeps): (signal: AbortSignal) => Promise<void> {
  let complained: string | undefined

  return async (signal) => {
    await withImportRight(deps, { signal, patient: true }, async (ending) => {
      for (;;) {
        const next = await nextWaiting(deps.pool)
        if (!next) return
        report(next, await runImport(deps, next, ending))
      }
    })
  }

  /** What nobody asked for is complained about once, until it works or fails in another way. */
  function report({ cause }: ImportRecord, { state, source, message }: ImportOutcome): void {
    if (state === 'done' || state === 'unchanged') {
      complained = undefined
      return
    }
    if (cause === 'refresh' && message === complained) return
    complained = message
    const remedy =
      'Set vulndb.source (BREAKWATER_VULNDB_SOURCE) to a mirror or a file, or bring one in with `breakwater vulndb import FILE`. It is tried again from time to time.'
    const what = state === 'refused' ? 'a vulnerability database was refused' : 'no vulnerability database could be had'
    deps.log.warn({ source }, `${what}: ${message} ${remedy}`)
  }
}
