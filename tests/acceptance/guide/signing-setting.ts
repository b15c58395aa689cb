import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Docker, type Engine, engines, startEngine } from '../docker/engine.ts'
import { createProject, createRobot } from '../support/accounts.ts'
import { type Breakwater, startBreakwater } from '../support/breakwater.ts'
import { type CommandResult, runCommand } from '../support/command.ts'
import type { Account } from '../support/http.ts'
import type { Stage } from '../support/scenario.ts'
import { startVault } from '../support/vault.ts'
import { freshDatabase, untilDatabase } from '../support/vulnerability-database.ts'
import { at } from './commands.ts'
import { type Cosign, withCosign } from './cosign.ts'

/** Whoever builds with this engine, or runs what it pulls. */
export interface Host {
  readonly engine: Engine['name']
  readonly docker: Docker
}

/** Where signatures are made and demanded: the registry, keys in a vault, runners that build, and nodes that pull. */
export interface SigningSetting {
  readonly server: Breakwater
  /** Where the pipeline's files are. */
  readonly work: string
  /** One with each engine. */
  readonly runners: readonly Host[]
  /** One with each engine, logged in as a robot that may pull from production and do nothing else. */
  readonly nodes: readonly Host[]
  /** Runs what the guide prints as a step of a workflow, which ends at the first failure. */
  readonly attempt: (printed: string | undefined, env: Environment, cwd?: string) => Promise<CommandResult>
  /** The same for what has to succeed; what it printed. */
  readonly run: (printed: string | undefined, env: Environment, cwd?: string) => Promise<string>
}

export type Environment = Readonly<Record<string, string>>

/** With a vulnerability database, and the projects `staging` and, by `makeProduction`, `production`. */
export async function openSigningSetting(
  stage: Stage,
  cosign: Cosign,
  makeProduction: (server: Breakwater) => Promise<void>,
): Promise<SigningSetting> {
  const { folder, use } = stage
  const database = await freshDatabase(join(folder, 'database'))
  const settings = { BREAKWATER_VULNDB_SOURCE: `file:${database}` }
  const server = use(await startBreakwater({ dataFolder: join(folder, 'data'), settings }))
  const vault = use(await startVault(join(folder, 'vault.log')))
  await untilDatabase(server)
  await createProject(server, 'staging')
  await makeProduction(server)
  const runners = await startHosts(stage, 'runner')
  const nodes = await startHosts(stage, 'node')
  const reader = await createRobot(server, 'node', ['production'], ['pull'])
  for (const { docker } of nodes) await docker.login(server.host, reader)
  const work = join(folder, 'work')
  mkdirSync(work)
  // Nobody is asked for the public keys of Sigstore's own services.
  const shared = { ...vault.environment, HOME: work, TUF_MIRROR: 'http://127.0.0.1:9' }
  const attempt = (printed: string | undefined, env: Environment, cwd = work) => {
    const script = withCosign(cosign, at(server.host, printed))
    return runCommand('bash', ['-e', '-c', script], { cwd, env: { ...shared, ...env } })
  }
  const run = async (printed: string | undefined, env: Environment, cwd = work) => {
    const { status, text } = await attempt(printed, env, cwd)
    if (status !== 0) throw new Error(`${printed} ended with ${status}: ${text.trim()}`)
    return text.trim()
  }
  return { server, work, runners, nodes, attempt, run }
}

async function startHosts({ folder, use }: Stage, kind: string): Promise<Host[]> {
  const hosts: Host[] = []
  for (const engine of engines) {
    hosts.push({ engine: engine.name, docker: use(await startEngine(engine, join(folder, `${kind}-${engine.name}`))) })
  }
  return hosts
}

/** What programs need to be logged in to the registry as this account, whoever else is at the same runner. */
export async function loggedIn({ server, runners }: SigningSetting, name: string, account: Account) {
  const [runner] = runners
  if (!runner) throw new Error('there is no runner')
  const person = runner.docker.as(name)
  await person.login(server.host, account)
  return person.environment
}
