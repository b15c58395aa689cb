import { deepStrictEqual, match, notStrictEqual, strictEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCrane } from '../crane/client.ts'
import { type Docker, engines, startEngine } from '../docker/engine.ts'
import { shell, writeGatedContext } from '../gate/vulnerable-image.ts'
import { createTrivy } from '../scanner/trivy.ts'
import { createProject } from '../support/accounts.ts'
import {
  type ArtifactName,
  type ServerFinding,
  scanOverview,
  serverFindings,
  untilScanned,
} from '../support/artifacts.ts'
import { type Breakwater, startBreakwater } from '../support/breakwater.ts'
import { type CommandResult, outputOf, runCommand } from '../support/command.ts'
import { send } from '../support/http.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import {
  databaseArchive,
  databaseMissing,
  freshDatabase,
  goldenFolder,
  untilDatabase,
} from '../support/vulnerability-database.ts'
import { at, guideCommands } from './commands.ts'

const [engine] = engines
/** How long after the push the guide's reader looks. */
const pollAfterMs = 5_000

/** Step 5 of the guide as it is printed: the pipeline's own gate with the real trivy, and the server's scan beside it. */
export const guideStep5: Scenario = {
  name: 'guide/step-5',
  tools: ['trivy', 'crane', ...(engine?.tools ?? []), shell],
  needsRoot: true,
  unavailable: databaseMissing,
  async run(stage) {
    if (!engine) throw new Error('there is no engine')
    const { folder, use, check, note } = stage
    const database = await freshDatabase(join(folder, 'database'))
    const settings = { BREAKWATER_VULNDB_SOURCE: `file:${database}` }
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data'), settings }))
    await untilDatabase(server)
    await createProject(server, 'staging')
    const docker = use(await startEngine(engine, join(folder, 'engine')))
    const pipeline = await createPipeline(stage, server, docker)

    await check('g5-ci docker login … --password-stdin', async () => {
      match(await pipeline.succeeds('echo'), /Login Succeeded/)
    })
    for (const [library, exitCode] of [
      ['vulnerable', 1],
      ['fixed', 0],
    ] as const) {
      const run = pipeline.build(library)
      await check(`g5-ci docker build and docker push, ${library}`, async () => {
        await run('docker build')
        match(await run('docker push'), /digest: sha256:[0-9a-f]{64}/)
      })
      await check(`g5-ci the server has scanned it 5 s later, ${library}`, async () => {
        await sleep(pollAfterMs)
        const overview = await scanOverview(server, run.artifact)
        strictEqual(overview?.scan_status, 'Success')
        note(`the server's summary: ${JSON.stringify(overview.summary)}`)
      })
      for (const source of ['docker', 'remote'] as const) {
        await check(`g5-ci trivy image ends with ${exitCode}, ${library}, from ${source}`, async () => {
          const { status, text } = await run.trivy(source)
          strictEqual(status, exitCode, text)
          notStrictEqual(text, '')
        })
      }
      await check(`g5-ci server and client agree, ${library}`, async () => {
        const ours = (await serverFindings(server, run.artifact)).map(lineOf).toSorted()
        deepStrictEqual(ours, await run.clientFindings())
        note(`${ours.length} findings on both sides`)
      })
    }
    const crane = createCrane(folder, 'crane')
    await crane.login(server.host, server.admin)
    for (const name of ['debian11-synth', 'alpine310-synth', 'alma8-synth', 'overlay-synth']) {
      await check(`g5-ci server and client agree, ${name}`, async () => {
        const layout = join(folder, name)
        mkdirSync(layout)
        await outputOf('tar', ['-C', layout, '-xf', join(goldenFolder, 'images', `${name}.oci.tar`)])
        await crane.run('push', layout, `${server.host}/staging/${name}:1`)
        const artifact = { project: 'staging', repository: name, reference: '1' }
        await untilScanned(server, artifact)
        const ours = (await serverFindings(server, artifact)).map(lineOf)
        const theirs = await pipeline.clientFindings(`${server.host}/staging/${name}:1`)
        deepStrictEqual([...new Set(ours)].toSorted(), [...new Set(theirs)].toSorted())
        note(`${new Set(ours).size} findings on both sides`)
      })
    }
  },
}

/** A build of the pipeline: a commit of its own, in a folder of its own. */
interface Build {
  (command: 'docker build' | 'docker push'): Promise<string>
  readonly artifact: ArtifactName
  readonly trivy: (source: 'docker' | 'remote') => Promise<CommandResult>
  /** All that the real trivy finds in the image that the registry serves. */
  readonly clientFindings: () => Promise<readonly string[]>
}

async function createPipeline({ folder }: Stage, server: Breakwater, docker: Docker) {
  const commands = guideCommands('5. Push', '6. Sign', ['echo', 'docker', 'trivy'])
  const printed = (begins: string) =>
    at(
      server.host,
      commands.find((command) => command.startsWith(begins)),
    )
  const client = await createTrivy(join(folder, 'trivy'), databaseArchive)
  const robot = await makeRobot(server)
  const shared = { ...docker.environment, ROBOT_SECRET: robot, ...offlineTrivy(client.cacheFolder) }
  const shellOut = (command: string, cwd: string, env: Readonly<Record<string, string>>) =>
    runCommand('bash', ['-c', command], { cwd, env: { ...shared, ...env } })
  const succeeds = async (command: string, cwd: string, env: Readonly<Record<string, string>>) => {
    const { status, text } = await shellOut(command, cwd, env)
    strictEqual(status, 0, `${command}: ${text}`)
    return text
  }
  const clientFindings = async (image: string) => {
    const env = { TRIVY_IMAGE_SRC: 'remote' }
    const { status, stdout, text } = await shellOut(`trivy image --quiet --format json ${image}`, folder, env)
    strictEqual(status, 0, text)
    return trivyLines(stdout)
  }
  return {
    clientFindings,
    succeeds: (begins: string) => succeeds(printed(begins), folder, {}),
    build(library: 'vulnerable' | 'fixed'): Build {
      const commit = randomUUID().replaceAll('-', '')
      const context = join(folder, library)
      writeGatedContext(context, library)
      const env = { GITHUB_SHA: commit }
      const run = (command: string) => succeeds(printed(command), context, env)
      const image = `${server.host}/staging/payments-api:${commit}`
      return Object.assign(run, {
        artifact: { project: 'staging', repository: 'payments-api', reference: commit },
        trivy: (source: string) => shellOut(printed('trivy'), context, { ...env, TRIVY_IMAGE_SRC: source }),
        clientFindings: () => clientFindings(image),
      })
    },
  }
}

/** The pipeline's runner has the database of this test and no network. */
function offlineTrivy(cacheFolder: string): Record<string, string> {
  return {
    TRIVY_CACHE_DIR: cacheFolder,
    TRIVY_SKIP_DB_UPDATE: 'true',
    TRIVY_SKIP_JAVA_DB_UPDATE: 'true',
    TRIVY_OFFLINE_SCAN: 'true',
    TRIVY_SKIP_VERSION_CHECK: 'true',
    TRIVY_DISABLE_TELEMETRY: 'true',
    TRIVY_SCANNERS: 'vuln',
  }
}

/** The robot that step 4 makes. */
async function makeRobot(server: Breakwater): Promise<string> {
  const access = ['push', 'pull'].map((action) => ({ resource: 'repository', action }))
  const permissions = [{ kind: 'project', namespace: 'staging', access }]
  const body = { name: 'ci-pusher', duration: -1, level: 'project', permissions }
  const reply = await send(`${server.url}/api/v2.0/robots`, { method: 'POST', account: server.admin, body })
  strictEqual(reply.status, 201, reply.body)
  return (JSON.parse(reply.body) as { secret: string }).secret
}

function lineOf({ id, package: name, version, fix_version: fixed, severity }: ServerFinding): string {
  return [name, version, id, fixed, severity.toUpperCase()].join(' ')
}

function trivyLines(json: string): readonly string[] {
  const { Results = [] } = JSON.parse(json) as { Results?: { Vulnerabilities?: Record<string, string>[] }[] }
  const found = Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities)
  return found
    .map(({ PkgName, InstalledVersion, VulnerabilityID, FixedVersion = '', Severity }) =>
      [PkgName, InstalledVersion, VulnerabilityID, FixedVersion, Severity].join(' '),
    )
    .toSorted()
}
