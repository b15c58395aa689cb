import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { createCrane } from '../crane/client.ts'
import { addMember, createProject, createUser } from '../support/accounts.ts'
import { startBreakwater } from '../support/breakwater.ts'
import type { Scenario } from '../support/scenario.ts'
import { shell, writeBuildContext } from './build-context.ts'
import { type Engine, startEngine } from './engine.ts'

const native = process.arch === 'x64' ? 'amd64' : 'arm64'
// The native one is last: that is the one left under the tag of an engine that keeps one platform of an image.
const architectures = ['amd64', 'arm64'].sort((a) => (a === native ? 1 : -1))

/** What a developer does with docker all day. */
export function dockerEveryday(engine: Engine): Scenario {
  return {
    name: `docker/everyday-${engine.name}`,
    tools: [...engine.tools, 'crane', shell],
    needsRoot: true,
    async run({ folder, use, check }) {
      const server = use(await startBreakwater({ dataFolder: join(folder, 'data') }))
      const docker = use(await startEngine(engine, join(folder, 'engine')))
      await createProject(server, 'payments')
      const developer = await createUser(server, 'dana')
      await addMember(server, 'payments', developer, 'developer')
      const repository = `${server.host}/payments/team/api`
      const context = join(folder, 'context')
      const { message } = writeBuildContext(context)
      const crane = createCrane(folder, 'dana')
      await crane.login(server.host, developer)

      await check('g5-ci login', () => docker.login(server.host, developer))
      await check('g5-ci build', async () => {
        await docker.run('build', '--network=none', '-t', `${repository}:1`, context)
        strictEqual(await docker.run('run', '--rm', `${repository}:1`), message)
      })
      await check('g5-ci push', async () => {
        match(await docker.run('push', `${repository}:1`), /digest: sha256:[0-9a-f]{64}/)
      })
      await check('pull of what is no longer local, and run of it', async () => {
        await docker.run('image', 'rm', '-f', `${repository}:1`)
        await docker.run('builder', 'prune', '-af')
        match(await docker.run('pull', `${repository}:1`), /Downloaded newer image/)
        strictEqual(await docker.run('run', '--rm', `${repository}:1`), message)
      })
      await check('pull by digest', async () => {
        const digest = await crane.run('digest', `${repository}:1`)
        await docker.run('pull', `${repository}@${digest}`)
        strictEqual(await docker.run('run', '--rm', `${repository}@${digest}`), message)
      })
      await check('a second push finds the layers there', async () => {
        await docker.run('tag', `${repository}:1`, `${repository}:2`)
        match(await docker.run('push', `${repository}:2`), /already exists/)
      })
      await check('multi-arch index: create, pull and run one platform', async () => {
        for (const architecture of architectures) {
          const platform = `${repository}:${architecture}`
          const dockerfile = join(folder, 'context', 'Dockerfile.plain')
          await docker.run('build', `--platform=linux/${architecture}`, '-t', platform, '-f', dockerfile, context)
          await docker.run('push', platform)
        }
        const sources = architectures.map((architecture) => `${repository}:${architecture}`)
        await docker.run('buildx', 'imagetools', 'create', '-t', `${repository}:multi`, ...sources)
        const inspected = await docker.run('buildx', 'imagetools', 'inspect', `${repository}:multi`)
        for (const architecture of architectures) match(inspected, new RegExp(`linux/${architecture}`))
        for (const architecture of architectures) {
          await docker.run('pull', `--platform=linux/${architecture}`, `${repository}:multi`)
        }
        const echo = [`${repository}:multi`, '/bin/busybox', 'echo', 'runs']
        strictEqual(await docker.run('run', '--rm', `--platform=linux/${native}`, ...echo), 'runs')
      })
      await check('buildx build --push', async () => {
        await docker.run('buildx', 'build', '--network=none', '--push', '-t', `${repository}:pushed`, context)
        await docker.run('pull', `${repository}:pushed`)
        strictEqual(await docker.run('run', '--rm', `${repository}:pushed`), message)
      })
      await check('the tags that were pushed', async () => {
        deepStrictEqual((await crane.run('ls', repository)).split('\n'), [
          '1',
          '2',
          'amd64',
          'arm64',
          'multi',
          'pushed',
        ])
      })
      await check('logout', async () => {
        await docker.run('logout', server.host)
        await docker.complain('pull', `${repository}:1`)
      })
    },
  }
}
