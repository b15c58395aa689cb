import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPerson } from '../support/person.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting } from './setting.ts'

const thing = 'application/vnd.example.thing'
const statement = 'application/vnd.example.statement'

/** A pipeline and a developer with oras: files as artifacts, and what is attached to them. */
export const oras: Scenario = {
  name: 'clients/oras',
  tools: ['oras', 'openssl'],
  needsRoot: false,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const people = createPeople((name) => createOras(folder, name, ['--plain-http']))
    const { robot, dana, nobody, readOnly } = people
    const staging = `${host}/staging/things`
    const production = `${host}/production/things`
    const copy = ['cp', '-r', '--from-plain-http', '--to-plain-http']
    const plain = '--plain-http'
    writeFileSync(join(folder, 'thing.txt'), 'a thing\n')
    writeFileSync(join(folder, 'statement.json'), '{"built":"here"}')

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('push', async () => {
      const file = 'thing.txt:text/plain'
      match(await robot.run('push', plain, `${staging}:1`, '--artifact-type', thing, file), /Pushed/)
    })
    await check('pull, bytes equal', async () => {
      await readOnly.run('pull', plain, `${staging}:1`, '-o', join(folder, 'pulled'))
      strictEqual(readFileSync(join(folder, 'pulled', 'thing.txt'), 'utf8'), 'a thing\n')
    })
    await check('attach, also to what is attached', async () => {
      const attach = ['attach', plain, '--artifact-type', statement, '--format', 'go-template={{.digest}}']
      const attached = await robot.run(...attach, `${staging}:1`, 'statement.json:application/json')
      await robot.run(...attach, `${staging}@${attached}`, 'thing.txt:text/plain')
    })
    await check('discover', async () => {
      deepStrictEqual(await discovered(dana.run, `${staging}:1`), [[statement, 1]])
      const filter = ['--artifact-type', 'application/vnd.example.other']
      deepStrictEqual(await discovered(dana.run, `${staging}:1`, ...filter), [])
    })
    await check('cp -r between projects takes along what is attached', async () => {
      await dana.run(...copy, `${staging}:1`, `${production}:1,latest`)
      deepStrictEqual(await discovered(dana.run, `${production}:1`), [[statement, 1]])
    })
    await check('resolve, manifest fetch, blob fetch', async () => {
      const digest = await dana.run('resolve', plain, `${staging}:1`)
      strictEqual(await dana.run('resolve', plain, `${production}:latest`), digest)
      const manifest = JSON.parse(await dana.run('manifest', 'fetch', plain, `${staging}@${digest}`))
      strictEqual(manifest.artifactType, thing)
      const blob = `${staging}@${manifest.layers[0].digest}`
      strictEqual(await dana.run('blob', 'fetch', plain, '--output', '-', blob), 'a thing')
    })
    await check('tag, repo tags, repo ls', async () => {
      await dana.run('tag', plain, `${production}:1`, '2')
      deepStrictEqual((await dana.run('repo', 'tags', plain, production)).split('\n'), ['1', '2', 'latest'])
      strictEqual(await dana.run('repo', 'ls', plain, `${host}/production`), 'things')
    })
    await check('manifest delete', async () => {
      await dana.run('manifest', 'delete', plain, '-f', `${production}:2`)
      strictEqual(await dana.run('repo', 'tags', plain, production), '')
    })
    await check('anonymous pull from a public project', async () => {
      await robot.run(...copy, `${staging}:1`, `${host}/open/things:1`)
      await nobody.run('pull', plain, `${host}/open/things:1`, '-o', join(folder, 'pulled-open'))
    })
    await robot.run(...copy, `${staging}:1`, `${host}/gated/things:1`)
    const pull = ['pull', plain, '-o', join(folder, 'refused')]
    await holdRefusals(
      stage,
      setting,
      { client: 'oras', repository: 'things', begin: 'Error ' },
      {
        'wrong password': () => nobody.refusedLogin(host, mistaken),
        'no login': () => nobody.complain(...pull, `${staging}:1`),
        'a robot that may only pull': () =>
          readOnly.complain('attach', plain, '--artifact-type', thing, `${staging}:1`, 'statement.json'),
        'unknown repository': () => readOnly.complain(...pull, `${host}/staging/none:1`),
        'unsigned, in a project that demands signatures': () => readOnly.complain(...pull, `${host}/gated/things:1`),
      },
    )
    await overTls(stage)
  },
}

/** The types of what refers to an artifact, each with the number of what refers to that. */
async function discovered(run: (...args: string[]) => Promise<string>, name: string, ...options: string[]) {
  const found = JSON.parse(await run('discover', '--plain-http', '--format', 'json', ...options, name)) as {
    readonly referrers?: readonly { readonly artifactType: string; readonly referrers?: readonly unknown[] }[]
  }
  return (found.referrers ?? []).map(({ artifactType, referrers = [] }) => [artifactType, referrers.length])
}

async function overTls(stage: Stage): Promise<void> {
  const { folder } = stage
  const { host, admin, caFile } = await openTlsSetting(stage)
  const pull = ['pull', `${host}/library/things:1`, '-o', join(folder, 'pulled-by-tls')]
  await stage.check('TLS with a private authority, and without it', async () => {
    const trusting = createOras(folder, 'trusting', ['--ca-file', caFile])
    await trusting.login(host, admin)
    await trusting.run('push', '--ca-file', caFile, `${host}/library/things:1`, 'thing.txt')
    await trusting.run('--ca-file', caFile, ...pull)
    match(await trusting.complain(...pull), /x509: certificate signed by unknown authority/)
  })
}

/** oras with a configuration of its own, in the folder of the files that it pushes. */
function createOras(folder: string, name: string, options: readonly string[]) {
  const config = join(folder, `${name}-config`)
  mkdirSync(config)
  const login = ['login', '--password-stdin', ...options]
  return createPerson({ program: 'oras', login, env: { DOCKER_CONFIG: config }, cwd: folder })
}
