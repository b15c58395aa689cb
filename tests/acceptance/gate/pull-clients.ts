import { join } from 'node:path'
import { createContainersPerson } from '../clients/containers.ts'
import { createCrane } from '../crane/client.ts'
import { engines, startEngine } from '../docker/engine.ts'
import { complaintOf, runCommand } from '../support/command.ts'
import type { Account } from '../support/http.ts'
import type { Stage } from '../support/scenario.ts'

/** A program that people pull images with. */
export interface PullClient {
  /** As docs/reference/refusals.md calls it. */
  readonly name: string
  readonly tools: readonly string[]
  /** Logs in where the client does so, and returns what a pull that has to fail prints, on one line. */
  readonly prepare: (stage: Stage, host: string, account: Account) => Promise<(image: string) => Promise<string>>
}

const [current, debian] = engines

/** Every client that has been tried, each as a person calls it. */
export const pullClients: readonly PullClient[] = [
  ...[current, debian].flatMap((engine) => (engine ? [dockerClient(engine)] : [])),
  {
    name: 'ctr images pull',
    tools: [...(current?.tools ?? []), 'ctr'],
    async prepare({ folder, use }, _host, { user, password }) {
      if (!current) throw new Error('there is no engine')
      const engineFolder = join(folder, 'containerd')
      use(await startEngine(current, engineFolder))
      const socket = join(engineFolder, 'exec', 'containerd', 'containerd.sock')
      const pull = ['-a', socket, 'images', 'pull', '--plain-http', '-u', `${user}:${password}`]
      // The last line is the complaint; those before it draw the progress.
      return async (image) => {
        const { status, text } = await runCommand('ctr', [...pull, image])
        if (status === 0) throw new Error(`ctr has pulled ${image}`)
        return text.trim().split('\n').at(-1) ?? ''
      }
    },
  },
  {
    name: 'podman pull',
    tools: ['podman'],
    async prepare({ folder }, host, account) {
      const podman = createContainersPerson('podman', join(folder, 'podman'), 'person')
      await podman.login(host, account)
      return (image) => podman.complain('pull', image)
    },
  },
  {
    name: 'crane pull',
    tools: ['crane'],
    async prepare({ folder }, host, account) {
      const crane = createCrane(folder, 'crane-person')
      await crane.login(host, account)
      return (image) => crane.complain('pull', image, join(folder, 'crane.tar'))
    },
  },
  {
    name: 'skopeo copy',
    tools: ['skopeo'],
    async prepare({ folder }, _host, { user, password }) {
      const copy = ['copy', '--src-tls-verify=false', '--src-creds', `${user}:${password}`]
      return (image) => complaintOf('skopeo', [...copy, `docker://${image}`, `dir:${join(folder, 'skopeo')}`])
    },
  },
]

function dockerClient(engine: (typeof engines)[number]): PullClient {
  return {
    name: `docker pull, ${engine.name === 'debian' ? "Debian's 20.10" : 'current'}`,
    tools: engine.tools,
    async prepare({ folder, use }, host, account) {
      const docker = use(await startEngine(engine, join(folder, `puller-${engine.name}`)))
      await docker.login(host, account)
      return (image) => docker.complain('pull', image)
    },
  }
}
