import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { shell, writeBuildContext } from '../docker/build-context.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { createContainersPerson } from './containers.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting } from './setting.ts'

/** A developer with podman. */
export const podman: Scenario = {
  name: 'clients/podman',
  tools: ['podman', shell, 'openssl'],
  needsRoot: true,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const machine = join(folder, 'machine')
    const people = createPeople((name) => createContainersPerson('podman', machine, name))
    const { robot, dana, nobody, readOnly } = people
    const context = join(folder, 'context')
    const { message } = writeBuildContext(context)
    const image = `${host}/staging/api:1`
    const runs = async (name: string) => strictEqual(await dana.run('run', '--rm', '--network=none', name), message)

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('build, push', async () => {
      await robot.run('build', '--network=none', '-t', image, context)
      await robot.run('push', image)
    })
    await check('pull, run', async () => {
      await readOnly.run('image', 'rm', '-f', image)
      await readOnly.run('pull', image)
      await runs(image)
    })
    await check('push as a Docker manifest, pull, run', async () => {
      await robot.run('push', '--format', 'v2s2', image, `${host}/staging/api:docker`)
      await dana.run('pull', `${host}/staging/api:docker`)
      await runs(`${host}/staging/api:docker`)
    })
    await check('manifest create, add, push, and pull of it', async () => {
      const list = `${host}/staging/api:multi`
      await robot.run('manifest', 'create', list)
      await robot.run('manifest', 'add', list, `docker://${image}`)
      await robot.run('manifest', 'push', '--all', list, `docker://${list}`)
      await robot.run('manifest', 'rm', list)
      await dana.run('pull', list)
      await runs(list)
    })
    await check('search --list-tags', async () => {
      const listed = await dana.run('search', '--list-tags', `${host}/staging/api`)
      deepStrictEqual(listed.match(/\S+$/gm), ['TAG', '1', 'docker', 'multi'])
    })
    await check('anonymous pull from a public project', async () => {
      await robot.run('push', image, `${host}/open/api:1`)
      await nobody.run('pull', `${host}/open/api:1`)
    })
    await robot.run('push', image, `${host}/gated/api:1`)
    await holdRefusals(
      stage,
      setting,
      { client: 'podman', repository: 'api', begin: 'Error: ' },
      {
        'wrong password': () => nobody.refusedLogin(host, mistaken),
        'no login': () => nobody.complain('pull', image),
        'a robot that may only pull': () => readOnly.complain('push', image, `${host}/staging/api:2`),
        'unknown repository': () => readOnly.complain('pull', `${host}/staging/none:1`),
        'unsigned, in a project that demands signatures': () => readOnly.complain('pull', `${host}/gated/api:1`),
      },
    )
    await overTls(stage, machine, image)
  },
}

async function overTls(stage: Stage, machine: string, image: string): Promise<void> {
  const { host, admin, authorityFolder } = await openTlsSetting(stage)
  const remote = `${host}/library/api:1`
  await stage.check('TLS with a private authority, and without it', async () => {
    const transport = ['--cert-dir', authorityFolder]
    const trusting = createContainersPerson('podman', machine, 'trusting', { transport })
    await trusting.login(host, admin)
    await trusting.run('push', ...transport, image, remote)
    await trusting.run('pull', ...transport, remote)
    match(await trusting.complain('pull', remote), /x509: certificate signed by unknown authority/)
  })
}
