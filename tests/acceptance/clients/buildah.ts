import { match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { shell, writeBuildContext } from '../docker/build-context.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { createContainersPerson } from './containers.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting } from './setting.ts'

const plain = '--tls-verify=false'

/** A pipeline that builds with buildah. */
export const buildah: Scenario = {
  name: 'clients/buildah',
  tools: ['buildah', shell, 'openssl'],
  needsRoot: true,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const machine = join(folder, 'machine')
    const people = createPeople((name) => createContainersPerson('buildah', machine, name))
    const { robot, dana, nobody, readOnly } = people
    const context = join(folder, 'context')
    writeBuildContext(context)
    const image = `${host}/staging/api:1`
    const remote = (name: string) => `docker://${host}/${name}`

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('from scratch, copy, config, commit, push', async () => {
      const container = await robot.run('from', 'scratch')
      await robot.run('copy', container, join(context, 'bin', 'busybox'), '/bin/busybox')
      await robot.run('config', '--cmd', '["/bin/busybox","true"]', container)
      await robot.run('commit', '--rm', container, image)
      await robot.run('push', plain, image)
    })
    await check('pull, inspect', async () => {
      const id = await robot.run('images', '--quiet', '--no-trunc', image)
      await robot.run('rmi', '-f', image)
      strictEqual(`sha256:${await readOnly.run('pull', '--quiet', plain, image)}`, id)
      match(await readOnly.run('inspect', '--type', 'image', image), /"\/bin\/busybox"/)
    })
    await check('build on what was pushed, as OCI and as Docker manifest', async () => {
      const base = await dana.run('from', plain, '--pull-always', image)
      await dana.run('config', '--label', 'stage=second', base)
      await dana.run('commit', base, `${host}/staging/api:2`)
      await dana.run('push', plain, `${host}/staging/api:2`)
      await dana.run('push', plain, '--format', 'v2s2', `${host}/staging/api:2`, remote('production/api:docker'))
      await dana.run('pull', plain, `${host}/production/api:docker`)
    })
    await check('manifest create, add, push --all', async () => {
      await robot.run('manifest', 'create', 'list')
      await robot.run('manifest', 'add', plain, 'list', remote('staging/api:1'))
      await robot.run('manifest', 'push', plain, '--all', 'list', remote('staging/api:multi'))
      await dana.run('pull', plain, `${host}/staging/api:multi`)
    })
    await check('anonymous pull from a public project', async () => {
      await robot.run('push', plain, image, remote('open/api:1'))
      await nobody.run('pull', plain, `${host}/open/api:1`)
    })
    await robot.run('push', plain, image, remote('gated/api:1'))
    await holdRefusals(
      stage,
      setting,
      { client: 'buildah', repository: 'api', begin: 'Error: ' },
      {
        'wrong password': () => nobody.refusedLogin(host, mistaken),
        'no login': () => nobody.complain('pull', plain, '--policy', 'always', image),
        'a robot that may only pull': () => readOnly.complain('push', plain, image, remote('staging/api:3')),
        'unknown repository': () => readOnly.complain('pull', plain, `${host}/staging/none:1`),
        'unsigned, in a project that demands signatures': () => readOnly.complain('pull', plain, `${host}/gated/api:1`),
      },
    )
    await overTls(stage, machine, image)
  },
}

async function overTls(stage: Stage, machine: string, image: string): Promise<void> {
  const { host, admin, authorityFolder } = await openTlsSetting(stage)
  await stage.check('TLS with a private authority, and without it', async () => {
    const transport = ['--cert-dir', authorityFolder]
    const trusting = createContainersPerson('buildah', machine, 'trusting', { transport })
    await trusting.login(host, admin)
    await trusting.run('push', ...transport, image, `docker://${host}/library/api:1`)
    await trusting.run('pull', ...transport, `${host}/library/api:1`)
    const untrusted = await trusting.complain('pull', '--policy', 'always', `${host}/library/api:1`)
    match(untrusted, /x509: certificate signed by unknown authority/)
  })
}
