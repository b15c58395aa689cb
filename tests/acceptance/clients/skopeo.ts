import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { readBlobs, writeImageLayout } from '../support/image-layout.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { createContainersPerson } from './containers.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting } from './setting.ts'

const plain = '--tls-verify=false'
const from = '--src-tls-verify=false'
const to = '--dest-tls-verify=false'

/** A pipeline and a developer with skopeo, which needs no engine. */
export const skopeo: Scenario = {
  name: 'clients/skopeo',
  tools: ['skopeo', 'openssl'],
  needsRoot: false,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const people = createPeople((name) => createContainersPerson('skopeo', folder, name))
    const { robot, dana, nobody, readOnly } = people
    const image = join(folder, 'image')
    const digest = writeImageLayout(image)
    const source = `oci:${image}`
    const staging = `docker://${host}/staging/api`
    const production = `docker://${host}/production/api`
    const tags = async (repository: string) =>
      (JSON.parse(await dana.run('list-tags', plain, repository)) as { readonly Tags: readonly string[] }).Tags

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('copy: push, digest kept', async () => {
      await robot.run('copy', to, '--preserve-digests', source, `${staging}:1`)
    })
    await check('inspect', async () => {
      const inspected = JSON.parse(await dana.run('inspect', plain, `${staging}:1`))
      deepStrictEqual([inspected.Digest, inspected.RepoTags, inspected.Architecture], [digest, ['1'], 'amd64'])
      match(await dana.run('inspect', plain, '--raw', `${staging}:1`), /"schemaVersion":2/)
      match(await dana.run('inspect', plain, '--config', `${staging}:1`), /"diff_ids"/)
    })
    await check('copy: pull by tag and by digest, bytes equal', async () => {
      for (const [name, reference] of Object.entries({ tag: ':1', digest: `@${digest}` })) {
        const pulled = join(folder, `pulled-by-${name}`)
        await readOnly.run('copy', from, '--preserve-digests', `${staging}${reference}`, `oci:${pulled}`)
        deepStrictEqual(readBlobs(pulled), readBlobs(image))
      }
    })
    await check('copy between projects, also as a Docker manifest', async () => {
      await dana.run('copy', from, to, `${staging}:1`, `${production}:1`)
      await dana.run('copy', from, to, '--format', 'v2s2', `${staging}:1`, `${production}:docker`)
      const raw = await dana.run('inspect', plain, '--raw', `${production}:docker`)
      match(raw, /application\/vnd\.docker\.distribution\.manifest\.v2\+json/)
    })
    await check('sync of a repository into a folder and into another project', async () => {
      await robot.run('copy', to, source, `${staging}:2`)
      await dana.run('sync', from, '--src', 'docker', '--dest', 'dir', `${host}/staging/api`, join(folder, 'synced'))
      const into = ['--src', 'dir', '--dest', 'docker', join(folder, 'synced'), `${host}/production`]
      await dana.run('sync', to, ...into)
      deepStrictEqual(await tags(production), ['1', '2', 'docker'])
    })
    await check('list-tags, delete', async () => {
      await dana.run('delete', plain, `${production}:docker`)
      deepStrictEqual(await tags(production), ['1', '2'])
    })
    await check('anonymous pull from a public project', async () => {
      await robot.run('copy', to, source, `docker://${host}/open/api:1`)
      await nobody.run('copy', from, `docker://${host}/open/api:1`, `dir:${join(folder, 'pulled-open')}`)
    })
    await robot.run('copy', to, source, `docker://${host}/gated/api:1`)
    const pull = (image: string) => ['copy', from, `docker://${host}/${image}`, `dir:${join(folder, 'refused')}`]
    await holdRefusals(
      stage,
      setting,
      { client: 'skopeo', repository: 'api', begin: 'time=' },
      {
        'wrong password': () => nobody.refusedLogin(host, mistaken),
        'no login': () => nobody.complain(...pull('staging/api:1')),
        'a robot that may only pull': () => readOnly.complain('copy', to, source, `${staging}:3`),
        'unknown repository': () => readOnly.complain(...pull('staging/none:1')),
        'unsigned, in a project that demands signatures': () => readOnly.complain(...pull('gated/api:1')),
      },
    )
    await overTls(stage, source)
  },
}

async function overTls(stage: Stage, source: string): Promise<void> {
  const { folder } = stage
  const { host, admin, authorityFolder } = await openTlsSetting(stage)
  const image = `docker://${host}/library/api:1`
  await stage.check('TLS with a private authority, and without it', async () => {
    const transport = ['--cert-dir', authorityFolder]
    const trusting = createContainersPerson('skopeo', folder, 'trusting', { transport })
    await trusting.login(host, admin)
    await trusting.run('copy', '--dest-cert-dir', authorityFolder, source, image)
    const pull = [image, `dir:${join(folder, 'pulled-by-tls')}`]
    await trusting.run('copy', '--src-cert-dir', authorityFolder, ...pull)
    match(await trusting.complain('copy', ...pull), /x509: certificate signed by unknown authority/)
    strictEqual(await trusting.run('logout', host), `Removed login credentials for ${host}`)
  })
}
