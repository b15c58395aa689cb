import { deepStrictEqual, match, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { startBreakwater } from '../support/breakwater.ts'
import { createAuthority } from '../support/certificate.ts'
import { readBlobs, writeImageLayout } from '../support/image-layout.ts'
import type { Scenario } from '../support/scenario.ts'
import { until } from '../support/until.ts'
import { createCrane } from './client.ts'

/** A registry with a certificate of a private authority, which is renewed while the registry runs. */
export const craneTls: Scenario = {
  name: 'crane/tls',
  tools: ['crane', 'openssl'],
  needsRoot: false,
  async run({ folder, use, check, note }) {
    const authority = await createAuthority(join(folder, 'authority'), 'First authority')
    const tls = await authority.issue(join(folder, 'tls'))
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data'), tls }))
    // Clients try plain HTTP on 127.0.0.1 by themselves; this address is the same machine and is treated as any other.
    const host = `0.0.0.0:${server.port}`
    const trusting = createCrane(folder, 'trusting', authority.caFile)
    const untrusting = createCrane(folder, 'untrusting')
    const image = join(folder, 'image')
    writeImageLayout(image)

    await check('g1-tls push and pull with the authority', async () => {
      await trusting.login(host, server.admin)
      await trusting.run('push', image, `${host}/library/api:1`)
      await trusting.run('pull', '--format=oci', `${host}/library/api:1`, join(folder, 'pulled'))
      deepStrictEqual(readBlobs(join(folder, 'pulled')), readBlobs(image))
    })
    await check('g1-tls x509 error without the authority', async () => {
      const complaint = await untrusting.complain('digest', `${host}/library/api:1`)
      note(complaint)
      match(complaint, /x509: certificate signed by unknown authority/)
    })
    await check('a renewed certificate is taken up without a restart', async () => {
      const renewed = await createAuthority(join(folder, 'renewed'), 'Second authority')
      await renewed.issue(join(folder, 'tls'))
      const next = createCrane(folder, 'next', renewed.caFile)
      await next.login(host, server.admin)
      await until('a handshake with the new certificate', 10_000, () =>
        next.run('digest', `${host}/library/api:1`).then(
          () => true,
          () => false,
        ),
      )
      match(await trusting.complain('digest', `${host}/library/api:1`), /x509: certificate signed by unknown authority/)
      ok(!server.daemon.hasEnded(), 'the server was restarted')
    })
  },
}
