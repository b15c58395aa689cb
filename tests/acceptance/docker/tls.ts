import { match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { startBreakwater } from '../support/breakwater.ts'
import { createAuthority } from '../support/certificate.ts'
import type { Scenario } from '../support/scenario.ts'
import { shell, writeBuildContext } from './build-context.ts'
import { type Engine, startEngine } from './engine.ts'
import { trustAuthority } from './trusted-authority.ts'

/** A registry with a certificate of a private authority. */
export function dockerTls(engine: Engine): Scenario {
  return {
    name: `docker/tls-${engine.name}`,
    tools: [...engine.tools, shell, 'openssl'],
    needsRoot: true,
    async run({ folder, use, check, note }) {
      const authority = await createAuthority(join(folder, 'authority'), 'Private authority')
      const tls = await authority.issue(join(folder, 'tls'))
      const server = use(await startBreakwater({ dataFolder: join(folder, 'data'), tls }))
      const docker = use(await startEngine(engine, join(folder, 'engine')))
      // Engines accept any certificate on 127.0.0.0/8; this address is the same machine and is treated as any other.
      const host = `0.0.0.0:${server.port}`
      const image = `${host}/library/api:1`
      const context = join(folder, 'context')
      const { message } = writeBuildContext(context)
      await docker.run('build', '--network=none', '-t', image, context)

      await check('g1-tls x509 error without the authority', async () => {
        const complaints = [
          await docker.refusedLogin(host, server.admin),
          await docker.complain('pull', image),
          await docker.complain('push', image),
        ]
        for (const complaint of complaints) {
          note(complaint)
          match(complaint, /x509: certificate signed by unknown authority/)
        }
      })
      use(trustAuthority(host, authority.caFile))
      await check('g1-tls login, push, pull and run with the authority', async () => {
        await docker.login(host, server.admin)
        await docker.run('push', image)
        await docker.run('image', 'rm', '-f', image)
        await docker.run('pull', image)
        strictEqual(await docker.run('run', '--rm', image), message)
      })
    },
  }
}
