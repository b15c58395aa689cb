import { deepStrictEqual, match } from 'node:assert/strict'
import { join } from 'node:path'
import { addMember, createProject, createUser } from '../support/accounts.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { writeImageLayout } from '../support/image-layout.ts'
import type { Scenario } from '../support/scenario.ts'
import { createCrane } from './client.ts'

/** What a person reads when crane is refused. */
export const craneRefusals: Scenario = {
  name: 'crane/refusals',
  tools: ['crane'],
  needsRoot: false,
  async run({ folder, use, check, note }) {
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data') }))
    await createProject(server, 'payments')
    const guest = await createUser(server, 'gina')
    await addMember(server, 'payments', guest, 'guest')
    const stranger = await createUser(server, 'sam')
    const image = join(folder, 'image')
    writeImageLayout(image)
    const other = join(folder, 'other')
    writeImageLayout(other)
    const payments = `${server.host}/payments/api`

    const logins = { admin: server.admin, guest, stranger, mistaken: { ...guest, password: 'not-the-password' } }
    const [admin, gina, sam, mistaken] = await Promise.all(
      Object.entries(logins).map(async ([person, account]) => {
        const crane = createCrane(folder, person)
        await crane.login(server.host, account)
        return crane
      }),
    )
    if (!admin || !gina || !sam || !mistaken) throw new Error('a person is missing')
    const nobody = createCrane(folder, 'nobody')
    await admin.run('push', image, `${payments}:1`)

    const reads = (name: string, sentence: RegExp, complain: () => Promise<string>) =>
      check(name, async () => {
        const complaint = await complain()
        note(complaint)
        match(complaint, sentence)
      })
    await reads('wrong password, pull', /UNAUTHORIZED: incorrect username or password/, () =>
      mistaken.complain('manifest', `${payments}:1`),
    )
    await reads('wrong password, push', /UNAUTHORIZED: incorrect username or password/, () =>
      mistaken.complain('push', image, `${payments}:2`),
    )
    await reads('no login, pull from a private project', /UNAUTHORIZED: unauthorized to access repository/, () =>
      nobody.complain('manifest', `${payments}:1`),
    )
    await reads('no login, push', /UNAUTHORIZED: unauthorized to access repository/, () =>
      nobody.complain('push', image, `${server.host}/library/api:1`),
    )
    await reads('a guest pushes new content', /DENIED: .*gina may not push in project payments/, () =>
      gina.complain('push', other, `${payments}:2`),
    )
    await reads('a guest moves a tag', /DENIED: .*gina may not push in project payments/, () =>
      gina.complain('tag', `${payments}:1`, 'latest'),
    )
    await reads('a guest deletes', /DENIED: .*gina may not delete in project payments/, () =>
      gina.complain('delete', `${payments}:1`),
    )
    await reads('no role, pull from a private project', /DENIED: .*sam may not pull in project payments/, () =>
      sam.complain('manifest', `${payments}:1`),
    )
    await reads('no role, push', /DENIED: .*sam may not (pull|push) in project payments/, () =>
      sam.complain('push', image, `${payments}:2`),
    )
    await reads('no role, tags of a private project', /DENIED: .*sam may not pull in project payments/, () =>
      sam.complain('ls', payments),
    )
    await reads('unknown tag', /MANIFEST_UNKNOWN: .*payments\/api:none not found/, () =>
      admin.complain('manifest', `${payments}:none`),
    )
    await reads('unknown repository', /NAME_UNKNOWN: repository payments\/none not found/, () =>
      admin.complain('manifest', `${server.host}/payments/none:1`),
    )
    await reads('unknown project, pull', /project none not found/, () =>
      admin.complain('manifest', `${server.host}/none/api:1`),
    )
    await reads('unknown project, push', /project none not found/, () =>
      admin.complain('push', image, `${server.host}/none/api:1`),
    )
    await check('what was refused has changed nothing', async () => {
      deepStrictEqual(await admin.run('ls', payments), '1')
    })
    await check('a stranger lists no repository of the private project', async () => {
      deepStrictEqual(await sam.run('catalog', server.host), '')
    })
    await check('a guest pulls', async () => {
      await gina.run('pull', '--format=oci', `${payments}:1`, join(folder, 'pulled'))
    })
  },
}
