import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBlobs, writeImageLayout } from '../support/image-layout.ts'
import { createPerson, type Person } from '../support/person.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting } from './setting.ts'

const statement = 'application/vnd.example.statement'

/** A pipeline and a developer with regctl: images, indexes, and what refers to them. */
export const regctl: Scenario = {
  name: 'clients/regctl',
  tools: ['regctl', 'openssl'],
  needsRoot: false,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const people = createPeople((name) => createRegctl(folder, name))
    const { robot, dana, nobody, readOnly } = people
    for (const { run } of Object.values(people)) await run('registry', 'set', host, '--tls', 'disabled', '--skip-check')
    const image = join(folder, 'image')
    const digest = writeImageLayout(image)
    const source = `ocidir://${image}@${digest}`
    const staging = `${host}/staging/api`
    const production = `${host}/production/api`
    const pulled = `ocidir://${join(folder, 'pulled')}`

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('image copy: push', async () => {
      await robot.run('image', 'copy', source, `${staging}:1`)
      strictEqual(await robot.run('image', 'digest', `${staging}:1`), digest)
    })
    await check('image copy: pull, bytes equal', async () => {
      await readOnly.run('image', 'copy', `${staging}:1`, `${pulled}:1`)
      deepStrictEqual(new Set([...readBlobs(join(folder, 'pulled')), ...readBlobs(image)]), readBlobs(image))
    })
    await check('image inspect, manifest get, blob head', async () => {
      match(await dana.run('image', 'inspect', `${staging}:1`), /"architecture": "amd64"/)
      const layer = await dana.run('manifest', 'get', `${staging}:1`, '--format', '{{(index .Layers 0).Digest}}')
      match(await dana.run('blob', 'head', staging, layer), new RegExp(`Docker-Content-Digest: ${layer}`))
    })
    await check('artifact put with a subject, artifact list, artifact get', async () => {
      const file = join(folder, 'statement.json')
      writeFileSync(file, '{"built":"here"}')
      await robot.run('artifact', 'put', '--artifact-type', statement, '--subject', `${staging}:1`, '-f', file)
      match(await dana.run('artifact', 'list', `${staging}:1`), new RegExp(`ArtifactType: +${statement}`))
      const wanted = ['--subject', `${staging}:1`, '--filter-artifact-type', statement]
      strictEqual(await dana.run('artifact', 'get', ...wanted), readFileSync(file, 'utf8'))
    })
    await check('image copy with referrers and digest tags between projects', async () => {
      const hex = digest.slice('sha256:'.length)
      await robot.run('image', 'copy', `${staging}:1`, `${staging}:sha256-${hex}.note`)
      await dana.run('image', 'copy', '--referrers', '--digest-tags', `${staging}:1`, `${production}:1`)
      match(await dana.run('artifact', 'list', `${production}:1`), new RegExp(statement))
      deepStrictEqual((await dana.run('tag', 'ls', production)).split('\n'), ['1', `sha256-${hex}.note`])
    })
    await check('index create, and pull of it', async () => {
      const ref = ['--ref', `${staging}:1`, '--desc-platform', 'linux/amd64']
      await robot.run('index', 'create', `${staging}:multi`, ...ref)
      strictEqual(await readOnly.run('image', 'digest', '--platform', 'linux/amd64', `${staging}:multi`), digest)
    })
    await check('tag delete, tag ls', async () => {
      await dana.run('tag', 'delete', `${staging}:multi`)
      match(await dana.run('tag', 'ls', staging), /^1\nsha256-[0-9a-f]{64}\.note$/)
    })
    await check('manifest delete', async () => {
      await dana.run('manifest', 'delete', `${production}@${digest}`)
      strictEqual(await dana.run('tag', 'ls', production), '')
    })
    await check('repo ls shows what the person may pull', async () => {
      match(await dana.run('repo', 'ls', host), /^staging\/api$/m)
      match(await nobody.complain('repo', 'ls', host), /unauthorized/)
    })
    await check('anonymous pull from a public project', async () => {
      await robot.run('image', 'copy', source, `${host}/open/api:1`)
      await nobody.run('image', 'copy', `${host}/open/api:1`, `${pulled}:open`)
    })
    await robot.run('image', 'copy', source, `${host}/gated/api:1`)
    await holdRefusals(
      stage,
      setting,
      { client: 'regctl', repository: 'api', begin: '' },
      {
        'wrong password': () => nobody.refusedLogin(host, mistaken),
        'no login': async () => {
          await nobody.run('registry', 'logout', host)
          return await nobody.complain('image', 'copy', `${staging}:1`, `${pulled}:2`)
        },
        'a robot that may only pull': () => readOnly.complain('image', 'copy', source, `${staging}:2`),
        'unknown repository': () => readOnly.complain('image', 'copy', `${host}/staging/none:1`, `${pulled}:2`),
        'unsigned, in a project that demands signatures': () =>
          readOnly.complain('image', 'copy', `${host}/gated/api:1`, `${pulled}:2`),
      },
    )
    await overTls(stage, source)
  },
}

async function overTls(stage: Stage, source: string): Promise<void> {
  const { host, admin, caFile } = await openTlsSetting(stage)
  const image = `${host}/library/api:1`
  const pulled = `ocidir://${join(stage.folder, 'pulled-by-tls')}`
  await stage.check('TLS with a private authority, and without it', async () => {
    const trusting = createRegctl(stage.folder, 'trusting')
    await trusting.run('registry', 'set', host, '--cacert', readFileSync(caFile, 'utf8'), '--skip-check')
    await trusting.login(host, admin)
    await trusting.run('image', 'copy', source, image)
    await trusting.run('image', 'copy', image, `${pulled}:1`)
    const untrusting = createRegctl(stage.folder, 'untrusting')
    match(await untrusting.complain('image', 'copy', image, `${pulled}:2`), /x509: certificate signed by unknown/)
  })
}

/** regctl with a configuration of its own. */
function createRegctl(folder: string, name: string): Person {
  const env = { REGCTL_CONFIG: join(folder, `${name}.json`) }
  return createPerson({ program: 'regctl', login: ['registry', 'login', '--pass-stdin'], env })
}
