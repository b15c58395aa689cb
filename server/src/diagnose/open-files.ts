import type { Config } from '../config/index.ts'
import type { Finding } from './finding.ts'

const check = 'disk'
/** Files of the store, the database connections and the runtime's own. */
const besidesConnections = 512

/** Whether the process may open as many files as its connections need. Windows has no such limit. */
export function checkOpenFiles({ limits }: Config): Finding[] {
  const limit = openFilesLimit()
  if (limit === undefined) return []
  const needed = limits.maxConnections + besidesConnections
  if (limit >= needed) return [{ check, status: 'ok', message: `the process may open ${limit} files` }]
  const message = `the process may open ${limit} files, and limits.maxConnections ${limits.maxConnections} needs ${needed}`
  const remedy = `Raise the limit (ulimit -n, LimitNOFILE of the service), or lower limits.maxConnections.`
  return [{ check, status: 'warning', message, remedy }]
}

function openFilesLimit(): number | undefined {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | 'unlimited' } } }
  const soft = report.userLimits?.open_files?.soft
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft
}
