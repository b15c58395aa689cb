import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shell, writeBuildContext } from '../docker/build-context.ts'
import { type Docker, engines, startEngine } from '../docker/engine.ts'
import { trustAuthority } from '../docker/trusted-authority.ts'
import { outputOf } from '../support/command.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting } from './setting.ts'

const [engine] = engines
const build = ['buildx', 'build', '--progress=plain', '--network=none']
const imagetools = ['buildx', 'imagetools']

/** A pipeline that builds with docker buildx: provenance, a cache in the registry, indexes of several
 * images. No SBOM: its scanner wants a network, which these engines have none of. */
export const buildx: Scenario = {
  name: 'clients/buildx',
  tools: [...(engine?.tools ?? []), shell, 'openssl'],
  needsRoot: true,
  async run(stage) {
    if (!engine) throw new Error('there is no engine')
    const { folder, check, use } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const docker = use(await startEngine(engine, join(folder, 'engine')))
    const people = createPeople(docker.as)
    const { robot, dana, nobody, readOnly } = people
    const context = join(folder, 'context')
    const { message } = writeBuildContext(context)
    const staging = `${host}/staging/api`

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('build --push with provenance', async () => {
      await robot.run(...build, '--provenance=mode=max', '--push', '-t', `${staging}:1`, context)
      const provenance = JSON.parse(
        await readOnly.run(...imagetools, 'inspect', `${staging}:1`, '--format', '{{json .Provenance}}'),
      )
      match(JSON.stringify(provenance), /"buildType":"https:\/\/github\.com\/moby\/buildkit/)
    })
    await check('pull of an image with attestations, run', async () => {
      await readOnly.run('pull', `${staging}:1`)
      strictEqual(await docker.run('run', '--rm', `${staging}:1`), message)
    })
    await check('cache to and from the registry', async () => {
      const cache = `type=registry,ref=${staging}:cache`
      await robot.run(...build, '--cache-to', `${cache},mode=max`, '--push', '-t', `${staging}:2`, context)
      await robot.run('builder', 'prune', '-af')
      await robot.run('image', 'rm', '-f', `${staging}:1`, `${staging}:2`)
      await robot.run(...build, '--cache-from', cache, '--push', '-t', `${staging}:3`, context)
      // Only what was not built again is the same image again.
      const first = ['--format', '{{(index .Manifest.Manifests 0).Digest}}']
      const image = await dana.run(...imagetools, 'inspect', `${staging}:2`, ...first)
      strictEqual(await dana.run(...imagetools, 'inspect', `${staging}:3`, ...first), image)
    })
    await check('cache as a list of layers, which is refused as in Harbor', async () => {
      const cache = ['--cache-to', `type=registry,ref=${staging}:layers,mode=max,image-manifest=false`]
      const complaint = await robot.complain(...build, ...cache, context)
      match(complaint, /an index may list manifests only.*a build cache needs image-manifest=true/)
    })
    await check('imagetools create, inspect, also into another project', async () => {
      await robot.run(
        ...build,
        '--platform=linux/arm64',
        '--push',
        '-t',
        `${staging}:arm64`,
        '-f',
        join(context, 'Dockerfile.plain'),
        context,
      )
      await dana.run(...imagetools, 'create', '-t', `${host}/production/api:1`, `${staging}:1`, `${staging}:arm64`)
      const listed = await dana.run(...imagetools, 'inspect', `${host}/production/api:1`)
      deepStrictEqual(listed.match(/linux\/\w+/g)?.toSorted(), ['linux/amd64', 'linux/arm64'])
    })
    await check('anonymous inspect in a public project', async () => {
      await dana.run(...imagetools, 'create', '-t', `${host}/open/api:1`, `${staging}:1`)
      match(await nobody.run(...imagetools, 'inspect', `${host}/open/api:1`), /linux\/amd64/)
    })
    await robot.run(...imagetools, 'create', '-t', `${host}/gated/api:1`, `${staging}:1`)
    const based = (name: string) => {
      writeFileSync(join(folder, 'Dockerfile'), `FROM ${host}/${name}\n`)
      return [...build, '-f', join(folder, 'Dockerfile'), context]
    }
    await holdRefusals(
      stage,
      setting,
      { client: 'buildx', repository: 'api', begin: 'ERROR: failed to build' },
      {
        'wrong password': () => nobody.refusedLogin(host, mistaken),
        'no login': () => nobody.complain(...based('staging/api:1')),
        'a robot that may only pull': () => readOnly.complain(...build, '--push', '-t', `${staging}:4`, context),
        'unknown repository': () => readOnly.complain(...based('staging/none:1')),
        'unsigned, in a project that demands signatures': () => readOnly.complain(...based('gated/api:1')),
      },
    )
    await overTls(stage, docker, context)
  },
}

async function overTls(stage: Stage, docker: Docker, context: string): Promise<void> {
  const { host, admin, caFile } = await openTlsSetting(stage)
  const image = `${host}/library/api:1`
  await stage.check('TLS without a private authority, and with it', async () => {
    const push = [...build, '--push', '-t', image, context]
    match(await docker.complain(...push), /x509: certificate signed by unknown authority/)
    stage.use(trustAuthority(host, caFile))
    await docker.login(host, admin)
    // The engine gets its tokens through the client, which knows the system's authorities only.
    const env = { ...docker.environment, SSL_CERT_FILE: caFile }
    await outputOf('docker', push, { env })
    match(await outputOf('docker', [...imagetools, 'inspect', image], { env }), /linux\/\w+/)
  })
}
