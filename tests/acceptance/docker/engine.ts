import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { outputOf } from '../support/command.ts'
import { startDaemon } from '../support/daemon.ts'
import { findTool } from '../support/environment.ts'
import { createPerson, type Person } from '../support/person.ts'

/** A Docker engine that people use. */
export interface Engine {
  readonly name: 'current' | 'debian'
  readonly tools: readonly string[]
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const clientTools = ['docker', 'docker-buildx']

/** The current line (containerd image store, BuildKit) and Debian 12's (graph drivers). */
export const engines: readonly Engine[] = [
  {
    name: 'current',
    tools: [...clientTools, 'moby-dockerd', 'containerd', 'containerd-shim-runc-v2', 'runc'],
    program: 'moby-dockerd',
    args: [],
    env: {},
  },
  {
    name: 'debian',
    tools: [...clientTools, 'dockerd'],
    program: 'dockerd',
    args: ['--storage-driver', 'overlay2'],
    // With the containerd and runc of the distribution.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  },
]

/** An engine of its own, without a network, and the docker client as one person uses it. */
export interface Docker extends Person, AsyncDisposable {
  /** What other programs need to be this person at this engine. */
  readonly environment: Readonly<Record<string, string>>
  /** Another person at the same engine, not logged in. */
  readonly as: (person: string) => Docker
}

/** Starts an engine with all of its files in `folder`. Registries on 127.0.0.0/8 may be plain HTTP. */
export async function startEngine(engine: Engine, folder: string): Promise<Docker> {
  mkdirSync(folder)
  const socket = `unix://${folder}/docker.sock`
  const roots = ['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '--pidfile', `${folder}/docker.pid`]
  const offline = ['--iptables=false', '--ip6tables=false', '--bridge=none']
  const daemon = startDaemon({
    file: engine.program,
    args: ['--host', socket, ...roots, ...offline, ...engine.args],
    env: engine.env,
    logFile: `${folder}/log`,
  })
  const dispose = async () => {
    await daemon[Symbol.asyncDispose]()
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
    const points = mounts.map((line) => line.split(' ')[1] ?? '').filter((point) => point.startsWith(`${folder}/`))
    for (const point of points.sort().reverse()) await outputOf('umount', ['-l', point])
  }
  const docker = createClient(socket, folder, 'person', dispose)
  try {
    await daemon.untilReady(() =>
      docker.run('version').then(
        () => true,
        () => false,
      ),
    )
  } catch (error) {
    await dispose()
    throw error
  }
  return docker
}

function createClient(socket: string, folder: string, person: string, dispose: () => Promise<void>): Docker {
  const config = join(folder, person)
  mkdirSync(config)
  const plugins = dirname(findTool('docker-buildx') ?? '')
  writeFileSync(join(config, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [plugins] }))
  const env = { DOCKER_HOST: socket, DOCKER_CONFIG: config }
  return {
    ...createPerson({ program: 'docker', login: ['login', '--password-stdin'], env }),
    environment: env,
    as: (other) => createClient(socket, folder, other, dispose),
    [Symbol.asyncDispose]: dispose,
  }
}
