import { match, ok, strictEqual } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCrane } from '../crane/client.ts'
import { shell, writeBuildContext } from '../docker/build-context.ts'
import { engines, startEngine } from '../docker/engine.ts'
import { writeLayeredImage } from '../scanner/layered-image.ts'
import { complaintOf, outputOf } from '../support/command.ts'
import type { Account } from '../support/http.ts'
import { readBlobs } from '../support/image-layout.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { holdRefusals } from './refusals.ts'
import { openSetting, openTlsSetting } from './setting.ts'

const [engine] = engines

/** A node with containerd, and the ctr command as whoever looks after it types it. */
export const ctr: Scenario = {
  name: 'clients/ctr',
  tools: ['ctr', 'crane', ...(engine?.tools ?? []), shell, 'openssl'],
  needsRoot: true,
  async run(stage) {
    if (!engine) throw new Error('there is no engine')
    const { folder, check, use } = stage
    const setting = await openSetting(stage)
    const { host, developer, pipeline, reader, mistaken } = setting
    use(await startEngine(engine, join(folder, 'engine')))
    const images = createCtr(join(folder, 'engine', 'exec', 'containerd', 'containerd.sock'))
    const crane = createCrane(folder, 'crane')
    await crane.login(host, pipeline)
    const context = join(folder, 'context')
    writeBuildContext(context)
    const layout = join(folder, 'image')
    const digest = await writeLayeredImage(layout, [{ from: join(context, 'bin') }])
    for (const name of ['staging/api', 'open/api', 'gated/api']) await crane.run('push', layout, `${host}/${name}:1`)
    const image = `${host}/staging/api:1`
    const plain = '--plain-http'

    await check('pull by tag and by digest', async () => {
      await images.run(reader, 'pull', plain, image)
      await images.run(developer, 'pull', plain, `${host}/staging/api@${digest}`)
      match(await images.list(), new RegExp(`^${image}\\s.*${digest}`, 'm'))
    })
    await check('push under another name, bytes equal', async () => {
      await images.run(pipeline, 'push', plain, `${host}/production/api:1`, image)
      strictEqual(await crane.run('digest', `${host}/production/api:1`), digest)
      await crane.run('pull', '--format=oci', `${host}/production/api:1`, join(folder, 'pulled'))
      for (const blob of readBlobs(layout)) ok(readBlobs(join(folder, 'pulled')).has(blob))
    })
    await check('anonymous pull from a public project', () =>
      images.run(undefined, 'pull', plain, `${host}/open/api:1`),
    )
    await check("pull through a node's mirror of another registry", async () => {
      const hosts = writeHosts(folder, 'registry.example.com', [`[host."http://${host}"]`])
      await images.run(reader, 'pull', '--hosts-dir', hosts, 'registry.example.com/staging/api:1')
    })
    await holdRefusals(
      stage,
      setting,
      { client: 'ctr', repository: 'api', begin: 'ctr: ' },
      {
        'wrong password': () => images.complain(mistaken, 'pull', plain, image),
        'no login': () => images.complain(undefined, 'pull', plain, image),
        'a robot that may only pull': () => images.complain(reader, 'push', plain, `${host}/staging/api:2`, image),
        'unknown repository': () => images.complain(reader, 'pull', plain, `${host}/staging/none:1`),
        'unsigned, in a project that demands signatures': () =>
          images.complain(reader, 'pull', plain, `${host}/gated/api:1`),
      },
    )
    await overTls(stage, images, image)
  },
}

async function overTls(stage: Stage, images: ReturnType<typeof createCtr>, image: string): Promise<void> {
  const { host, admin, caFile } = await openTlsSetting(stage)
  const remote = `${host}/library/api:1`
  await stage.check('TLS with a private authority, and without it', async () => {
    const hosts = writeHosts(stage.folder, host, [`[host."https://${host}"]`, `ca = "${caFile}"`])
    await images.run(admin, 'push', '--hosts-dir', hosts, remote, image)
    await images.run(admin, 'pull', '--hosts-dir', hosts, remote)
    match(await images.complain(admin, 'pull', remote), /x509: certificate signed by unknown authority/)
  })
}

/** What the administrator of a node writes of a registry: where it is, and whose certificates it has. */
function writeHosts(folder: string, registry: string, lines: readonly string[]): string {
  const hosts = join(folder, 'hosts')
  mkdirSync(join(hosts, registry), { recursive: true })
  writeFileSync(join(hosts, registry, 'hosts.toml'), `${lines.join('\n')}\n`)
  return hosts
}

/** `ctr images` at a containerd; accounts are an option of each command. */
function createCtr(socket: string) {
  const command = (account: Account | undefined, [verb = '', ...args]: readonly string[]) => {
    const user = account ? ['-u', `${account.user}:${account.password}`] : []
    return ['-a', socket, 'images', verb, ...user, ...args]
  }
  return {
    list: () => outputOf('ctr', ['-a', socket, 'images', 'ls']),
    async run(account: Account | undefined, ...args: readonly string[]): Promise<void> {
      await outputOf('ctr', command(account, args))
    },
    complain: (account: Account | undefined, ...args: readonly string[]) => complaintOf('ctr', command(account, args)),
  }
}
