import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { addMember, createProject, createUser } from '../support/accounts.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { readBlobs, writeImageLayout } from '../support/image-layout.ts'
import type { Scenario } from '../support/scenario.ts'
import { createCrane } from './client.ts'

/** What a pipeline does with crane all day. */
export const craneEveryday: Scenario = {
  name: 'crane/everyday',
  tools: ['crane'],
  needsRoot: false,
  async run({ folder, use, check }) {
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data') }))
    const developer = await createUser(server, 'dana')
    for (const project of ['staging', 'production']) {
      await createProject(server, project)
      await addMember(server, project, developer, 'maintainer')
    }
    const crane = createCrane(folder, 'dana')
    const staging = `${server.host}/staging/payments/api`
    const production = `${server.host}/production/payments-api`
    const image = join(folder, 'image')
    const index = join(folder, 'index')
    const digest = writeImageLayout(image)
    const indexDigest = writeImageLayout(index, ['amd64', 'arm64'])

    await check('g5-ci login', () => crane.login(server.host, developer))
    await check('g5-ci push', async () => {
      strictEqual(await crane.run('push', image, `${staging}:1.0`), `${staging}@${digest}`)
    })
    await check('pull, bytes equal', async () => {
      await crane.run('pull', '--format=oci', `${staging}:1.0`, join(folder, 'pulled'))
      deepStrictEqual(readBlobs(join(folder, 'pulled')), readBlobs(image))
    })
    await check('pull by digest', async () => {
      await crane.run('pull', '--format=oci', `${staging}@${digest}`, join(folder, 'by-digest'))
      deepStrictEqual(readBlobs(join(folder, 'by-digest')), readBlobs(image))
    })
    await check('a second push finds everything there', async () => {
      strictEqual(await crane.run('push', image, `${staging}:1.1`), `${staging}@${digest}`)
    })
    await check('g6-cosign copy by digest between projects, digest of the copy', async () => {
      await crane.run('copy', `${staging}@${await crane.run('digest', `${staging}:1.0`)}`, `${production}:1.0`)
      strictEqual(await crane.run('digest', `${production}:1.0`), digest)
    })
    await check('push of a multi-arch index', async () => {
      strictEqual(await crane.run('push', '--index', index, `${staging}:multi`), `${staging}@${indexDigest}`)
    })
    await check('pull of a multi-arch index, bytes equal', async () => {
      await crane.run('pull', '--format=oci', `${staging}:multi`, join(folder, 'pulled-index'))
      deepStrictEqual(readBlobs(join(folder, 'pulled-index')), new Set([...readBlobs(index), indexDigest]))
    })
    await check('pull of one platform of an index', async () => {
      const manifest = await crane.run('digest', '--platform=linux/arm64', `${staging}:multi`)
      ok(readBlobs(index).has(manifest), `${manifest} is not the arm64 image`)
    })
    await check('copy of an index between projects', async () => {
      await crane.run('copy', `${staging}:multi`, `${production}:multi`)
      strictEqual(await crane.run('digest', `${production}:multi`), indexDigest)
    })
    await check('tag on the name of a cosign signature', async () => {
      const tag = `${digest.replace(':', '-')}.sig`
      await crane.run('push', image, `${staging}:${tag}`)
      strictEqual(await crane.run('digest', `${staging}:${tag}`), digest)
    })
    await check('v5 ls', async () => {
      await crane.run('tag', `${staging}:1.0`, 'latest')
      const signature = `${digest.replace(':', '-')}.sig`
      deepStrictEqual((await crane.run('ls', staging)).split('\n'), ['1.0', '1.1', 'latest', 'multi', signature])
    })
    await check('catalog lists what the person may pull', async () => {
      const names = ['production/payments-api', 'staging/payments/api']
      deepStrictEqual((await crane.run('catalog', server.host)).split('\n'), names)
    })
    await check('delete of a tag leaves the other tags', async () => {
      await crane.run('delete', `${staging}:1.1`)
      match(await crane.complain('digest', `${staging}:1.1`), /404|MANIFEST_UNKNOWN/)
      strictEqual(await crane.run('digest', `${staging}:1.0`), digest)
    })
    await check('delete by digest', async () => {
      await crane.run('delete', `${production}@${digest}`)
      match(await crane.complain('manifest', `${production}:1.0`), /MANIFEST_UNKNOWN/)
      strictEqual(await crane.run('digest', `${staging}:1.0`), digest)
    })
  },
}
