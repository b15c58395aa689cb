import type { Jobs } from '../jobs/index.ts'
import { verifyProject } from './change-trust.ts'
import type { SignatureDeps } from './examine.ts'

/** Takes the jobs that changes of keys leave. */
export async function workOnSignatures(deps: SignatureDeps & { readonly jobs: Pick<Jobs, 'work'> }): Promise<void> {
  await deps.jobs.work<{ projectId: number }>('signatures', { concurrency: 1 }, ({ projectId }, signal) =>
    verifyProject(deps, projectId, signal),
  )
}
