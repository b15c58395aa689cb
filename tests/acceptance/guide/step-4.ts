import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { shell, writeBuildContext } from '../docker/build-context.ts'
import { engines, startEngine } from '../docker/engine.ts'
import { createProject } from '../support/accounts.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { outputOf } from '../support/command.ts'
import { send } from '../support/http.ts'
import type { Scenario } from '../support/scenario.ts'
import { guideCommands } from './commands.ts'
import { createCurl } from './curl.ts'

const [engine] = engines
const robot = 'robot$staging+ci-pusher'

/** Step 4 of the guide as it is printed, and the login and push of its step 5 with the robot that it makes. */
export const guideStep4: Scenario = {
  name: 'guide/step-4',
  tools: ['curl', ...(engine?.tools ?? []), shell],
  needsRoot: true,
  async run({ folder, use, check, note }) {
    if (!engine) throw new Error('there is no engine')
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data') }))
    // The guide says to make two projects and prints the call for one.
    await createProject(server, 'staging')
    const curl = createCurl(server, folder)
    const [project, autoScan, preventVul, severity, makeRobot, ...more] = guideCommands('4. Create', '5. Push')

    await check('the guide prints five calls', () => deepStrictEqual([typeof makeRobot, more], ['string', []]))
    await check('g4-projects POST /projects', async () => {
      deepStrictEqual(await curl(project), { body: '', status: '201' })
    })
    for (const [name, command] of Object.entries({ autoScan, preventVul, severity })) {
      await check(`g4-projects PUT metadata, ${name}`, async () => {
        deepStrictEqual(await curl(command), { body: '', status: '200' })
      })
    }
    await check('g4-projects the metadata took effect', async () => {
      const { body } = await send(`${server.url}/api/v2.0/projects/production`, { account: server.admin })
      deepStrictEqual(JSON.parse(body).metadata, {
        public: 'false',
        auto_scan: 'true',
        prevent_vul: 'true',
        severity: 'high',
      })
    })
    let secret = ''
    await check('g4-robot POST /robots', async () => {
      const { body, status } = await curl(makeRobot)
      strictEqual(status, '201')
      const made = JSON.parse(body)
      strictEqual(made.name, robot)
      match(made.secret, /^[A-Za-z0-9]{32}$/)
      secret = made.secret
    })

    const docker = use(await startEngine(engine, join(folder, 'engine')))
    const context = join(folder, 'context')
    const { message } = writeBuildContext(context)
    await check('g5-ci docker login as the robot', () => docker.login(server.host, { user: robot, password: secret }))
    await check('g4-robot push to staging', async () => {
      await docker.run('build', '--network=none', '-t', `${server.host}/staging/payments-api:1`, context)
      match(await docker.run('push', `${server.host}/staging/payments-api:1`), /digest: sha256:[0-9a-f]{64}/)
    })
    await check('g4-robot pull from staging', async () => {
      await docker.run('image', 'rm', '-f', `${server.host}/staging/payments-api:1`)
      strictEqual(await docker.run('run', '--rm', `${server.host}/staging/payments-api:1`), message)
    })
    await check('g4-robot push to production is refused', async () => {
      const production = `${server.host}/production/payments-api:1`
      await docker.run('tag', `${server.host}/staging/payments-api:1`, production)
      const complaint = await docker.complain('push', production)
      note(complaint)
      match(complaint, /denied|may not push/)
      const { status } = await send(`${server.url}/v2/production/payments-api/blobs/uploads/`, {
        method: 'POST',
        account: { user: robot, password: secret },
      })
      strictEqual(status, 403)
    })
    await check('g4-robot the secret is stored nowhere', async () => {
      const found = await outputOf('sh', ['-c', 'grep -rlF "$1" "$2" || true', 'sh', secret, join(folder, 'data')])
      strictEqual(found, '')
    })
    await check('g7-gate the call for signatures', async () => {
      const [signatures] = guideCommands('7. Enforce', 'At admission')
      deepStrictEqual(await curl(signatures), { body: '', status: '200' })
    })
  },
}
