import { ok, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { createProject } from '../support/accounts.ts'
import type { Breakwater } from '../support/breakwater.ts'
import { runCommand } from '../support/command.ts'
import type { Stage } from '../support/scenario.ts'

/** The program of the OCI distribution specification, which tests a registry against version 1.1 of it. */
export const conformanceTool = 'oci-conformance'

/**
 * Runs all workflows of version 1.1, also those that are off by default, but for sparse manifests: a manifest may only
 * name what the repository has. `host` is where the clients of `server` connect.
 */
export async function checkConformance(stage: Stage, server: Breakwater, host: string): Promise<void> {
  await createProject(server, 'conformance')
  await stage.check('distribution specification 1.1, no test failed or skipped', async () => {
    const { text } = await runCommand(conformanceTool, [], {
      cwd: stage.folder,
      timeoutMs: 300_000,
      env: {
        OCI_REGISTRY: host,
        OCI_TLS: 'disabled',
        OCI_REPO1: 'conformance/repo1',
        OCI_REPO2: 'conformance/repo2',
        OCI_USERNAME: server.admin.user,
        OCI_PASSWORD: server.admin.password,
        OCI_VERSION: '1.1',
        OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
        OCI_API_BLOBS_DIGEST_HEADER: 'true',
        OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
        OCI_RESULTS_DIR: join(stage.folder, 'results'),
      },
    })
    const counts = readCounts(text)
    stage.note(`${counts.Pass} of ${counts.Total} tests passed`)
    const complaint = unpassed(text)
    strictEqual(counts.FAIL + counts.Error, 0, `${counts.FAIL} failed, ${counts.Error} broke off:\n${complaint}`)
    strictEqual(counts.Skip, 0, `${counts.Skip} skipped:\n${complaint}`)
    strictEqual(counts.Disabled, 0, `${counts.Disabled} disabled:\n${complaint}`)
    ok(counts.Pass > 800, `only ${counts.Pass} tests ran`)
  })
}

const outcomes = ['Pass', 'FAIL', 'Error', 'Skip', 'Disabled', 'Total'] as const

function readCounts(text: string): Record<(typeof outcomes)[number], number> {
  const summary = text.slice(text.lastIndexOf('OCI Conformance Result'))
  const count = (outcome: string) => {
    const found = new RegExp(`^ *${outcome}\\.+: +(\\d+)$`, 'm').exec(summary)?.[1]
    if (found === undefined) throw new Error(`the program printed no count of ${outcome}: ${text.slice(-2000)}`)
    return Number(found)
  }
  const [Pass = 0, FAIL = 0, Error_ = 0, Skip = 0, Disabled = 0, Total = 0] = outcomes.map(count)
  return { Pass, FAIL, Error: Error_, Skip, Disabled, Total }
}

function unpassed(text: string): string {
  const lines = text.slice(0, text.lastIndexOf('OCI Conformance Result')).split('\n')
  return lines
    .filter((line) => /: (FAIL|Error|Skip|Disabled)$|^ +- /.test(line))
    .join('\n')
    .slice(0, 4000)
}
