import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { listArtifacts } from '../support/artifacts.ts'
import { outputOf } from '../support/command.ts'
import { send } from '../support/http.ts'
import { createPerson, type Person } from '../support/person.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { holdRefusals } from './refusals.ts'
import { createPeople, login, openSetting, openTlsSetting, type Setting } from './setting.ts'

const plain = '--plain-http'

/** A pipeline that publishes charts, and those who install them. */
export const helm: Scenario = {
  name: 'clients/helm',
  tools: ['helm', 'openssl'],
  needsRoot: false,
  async run(stage) {
    const { folder, check } = stage
    const setting = await openSetting(stage)
    const { host, mistaken } = setting
    const people = createPeople((name) => createHelm(folder, name, [plain]))
    const { robot, dana, nobody, readOnly } = people
    const charts = `oci://${host}/staging/charts`
    const chart = `${charts}/payments`
    const archive = (version: string) => join(folder, `payments-${version}.tgz`)
    await robot.run('create', join(folder, 'payments'))

    await check('login, of a robot and of a user', () => login(setting, people))
    await check('package, push', async () => {
      for (const version of ['0.1.0', '0.2.0+build.1']) {
        await robot.run('package', join(folder, 'payments'), '--version', version, '-d', folder)
        await robot.run('push', plain, archive(version), charts)
      }
    })
    await check('pull of a version and of the newest one, bytes equal', async () => {
      const pulled = join(folder, 'pulled')
      mkdirSync(pulled)
      await readOnly.run('pull', plain, chart, '--version', '0.1.0', '-d', pulled)
      await readOnly.run('pull', plain, chart, '-d', pulled)
      for (const version of ['0.1.0', '0.2.0+build.1']) {
        await outputOf('cmp', [archive(version), join(pulled, `payments-${version}.tgz`)])
      }
    })
    await check('show chart, show values, show readme', async () => {
      match(
        await dana.run('show', 'chart', plain, chart, '--version', '0.1.0'),
        /^name: payments\n.*\nversion: 0\.1\.0$/m,
      )
      match(await dana.run('show', 'values', plain, chart, '--version', '0.1.0'), /^replicaCount: 1$/m)
    })
    await check('template: what an installation would create', async () => {
      match(await dana.run('template', 'shop', plain, chart, '--version', '>=0.1.0'), /^kind: Deployment$/m)
    })
    await check('a chart that needs this one: dependency update, package', () => dependency(folder, dana, charts))
    await check("a chart of Harbor's API, with what its Chart.yaml says", () => inHarborsApi(setting))
    await check('anonymous pull from a public project', async () => {
      await robot.run('push', plain, archive('0.1.0'), `oci://${host}/open/charts`)
      await nobody.run('pull', plain, `oci://${host}/open/charts/payments`, '-d', folder)
    })
    await robot.run('push', plain, archive('0.1.0'), `oci://${host}/gated/charts`)
    await robot.run('package', join(folder, 'payments'), '--version', '0.3.0', '-d', folder)
    const pull = (name: string) => ['pull', plain, `oci://${host}/${name}`, '--version', '0.1.0', '-d', folder]
    await holdRefusals(
      stage,
      setting,
      { client: 'helm', repository: 'charts/payments', begin: 'Error: ' },
      {
        'wrong password': () => nobody.refusedLogin(host, mistaken),
        'no login': () => nobody.complain(...pull('staging/charts/payments')),
        'a robot that may only pull': () => readOnly.complain('push', plain, archive('0.3.0'), charts),
        'unknown repository': () => readOnly.complain(...pull('staging/charts/none')),
        'unsigned, in a project that demands signatures': () => readOnly.complain(...pull('gated/charts/payments')),
      },
    )
    await overTls(stage, archive('0.1.0'))
  },
}

/** helm reads tags to find the newest version in a range. */
async function dependency(folder: string, { run }: Person, charts: string): Promise<void> {
  const shop = join(folder, 'shop')
  await run('create', shop)
  const needs = ['dependencies:', '- name: payments', '  version: ^0.1.0', `  repository: ${charts}`]
  appendFileSync(join(shop, 'Chart.yaml'), `\n${needs.join('\n')}\n`)
  await run('dependency', 'update', plain, shop)
  match(await run('dependency', 'list', shop), /payments\s+\^0\.1\.0\s+\S+\s+ok/)
  await run('package', shop, '-d', folder)
}

async function inHarborsApi({ server }: Setting): Promise<void> {
  const artifacts = await listArtifacts(server, { project: 'staging', repository: 'charts/payments' })
  const listed = artifacts.map(({ type, tags, extra_attrs: attributes }) => {
    const { name, version, apiVersion } = attributes ?? {}
    return [type, tags?.map((tag) => tag.name), { name, version, apiVersion }]
  })
  const expected = ['0.1.0', '0.2.0+build.1'].map((version) => {
    // helm writes a tag, which may not have a plus, with an underscore.
    return ['CHART', [version.replace('+', '_')], { name: 'payments', version, apiVersion: 'v2' }]
  })
  deepStrictEqual(listed.toSorted(), expected.toSorted())
  const additions = '/api/v2.0/projects/staging/repositories/charts%252Fpayments/artifacts/0.1.0/additions/values.yaml'
  const { status, body } = await send(`${server.url}${additions}`, { account: server.admin })
  // Kept so until they are served: docs/reference/harbor-compatibility.md.
  strictEqual(status, 400, body)
}

async function overTls(stage: Stage, archive: string): Promise<void> {
  const { host, admin, caFile } = await openTlsSetting(stage)
  const authority = ['--ca-file', caFile]
  await stage.check('TLS with a private authority, and without it', async () => {
    const trusting = createHelm(stage.folder, 'trusting', authority)
    await trusting.login(host, admin)
    await trusting.run('push', ...authority, archive, `oci://${host}/library/charts`)
    const pull = ['pull', `oci://${host}/library/charts/payments`, '-d', stage.folder]
    await trusting.run(...pull, ...authority)
    match(await trusting.complain(...pull), /x509: certificate signed by unknown authority/)
  })
}

/** helm with configuration, caches and logins of its own. */
function createHelm(folder: string, name: string, transport: readonly string[]): Person {
  const own = join(folder, name)
  mkdirSync(own)
  const env = {
    HELM_CONFIG_HOME: join(own, 'config'),
    HELM_CACHE_HOME: join(own, 'cache'),
    HELM_DATA_HOME: join(own, 'data'),
    HELM_REGISTRY_CONFIG: join(own, 'registry.json'),
  }
  return createPerson({ program: 'helm', login: ['registry', 'login', '--password-stdin', ...transport], env })
}
