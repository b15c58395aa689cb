import { match } from 'node:assert/strict'
import { join } from 'node:path'
import { addMember, createProject, createUser } from '../support/accounts.ts'
import { type Breakwater, startBreakwater } from '../support/breakwater.ts'
import type { Scenario, Stage } from '../support/scenario.ts'
import { shell, writeBuildContext } from './build-context.ts'
import { type Docker, type Engine, engines, startEngine } from './engine.ts'

/** Docker as the people of the story use it, all at one engine; `host` is the registry. */
interface People {
  readonly host: string
  readonly admin: Docker
  readonly guest: Docker
  readonly stranger: Docker
  readonly nobody: Docker
}

interface Refusal {
  readonly name: string
  /** What the registry says, where the engine passes it on; else the engine's own sentence. */
  readonly sentence: Readonly<Record<Engine['name'], RegExp>>
  readonly complain: (people: People) => Promise<string>
}

const both = (sentence: RegExp) => ({ current: sentence, debian: sentence })

const refusals: readonly Refusal[] = [
  {
    name: 'wrong password at login',
    sentence: both(/unauthorized: incorrect username or password/),
    complain: ({ nobody, host }) => nobody.refusedLogin(host, { user: 'gina', password: 'not-the-password' }),
  },
  {
    name: 'no login, pull from a private project',
    sentence: both(/may require 'docker login'/),
    complain: ({ nobody, host }) => nobody.complain('pull', `${host}/payments/api:1`),
  },
  {
    name: 'no login, push',
    sentence: { current: /may require authorization/, debian: /denied: requested access to the resource is denied/ },
    complain: ({ nobody, host }) => nobody.complain('push', `${host}/payments/api:1`),
  },
  {
    name: 'no role, pull from a private project',
    sentence: both(/sam-\w+ may not pull in project payments/),
    complain: ({ stranger, host }) => stranger.complain('pull', `${host}/payments/api:1`),
  },
  {
    name: 'no role, push',
    sentence: both(/sam-\w+ may not (pull|push) in project payments/),
    complain: ({ stranger, host }) => stranger.complain('push', `${host}/payments/api:1`),
  },
  {
    name: 'a guest moves a tag',
    sentence: both(/gina-\w+ may not push in project payments/),
    complain: ({ guest, host }) => guest.complain('push', `${host}/payments/api:2`),
  },
  {
    name: 'a guest pushes to another repository',
    sentence: both(/gina-\w+ may not push in project payments/),
    complain: ({ guest, host }) => guest.complain('push', `${host}/payments/other:1`),
  },
  {
    name: 'unknown tag',
    sentence: { current: /payments\/api:none: not found/, debian: /artifact payments\/api:none not found/ },
    complain: ({ guest, host }) => guest.complain('pull', `${host}/payments/api:none`),
  },
  {
    name: 'unknown repository',
    sentence: { current: /payments\/none:1: not found/, debian: /repository payments\/none not found/ },
    complain: ({ guest, host }) => guest.complain('pull', `${host}/payments/none:1`),
  },
  {
    name: 'unknown project, pull',
    sentence: { current: /none\/api:1: not found/, debian: /project none not found/ },
    complain: ({ admin, host }) => admin.complain('pull', `${host}/none/api:1`),
  },
  {
    name: 'unknown project, push',
    sentence: both(/project none not found/),
    complain: ({ admin, host }) => admin.complain('push', `${host}/none/api:1`),
  },
]

/** What a person reads when docker is refused, on both engines. */
export const dockerRefusals: Scenario = {
  name: 'docker/refusals',
  tools: [...new Set(engines.flatMap(({ tools }) => tools)), shell],
  needsRoot: true,
  async run(stage) {
    const server = stage.use(await startBreakwater({ dataFolder: join(stage.folder, 'data') }))
    await createProject(server, 'payments')
    const read = refusals.map(({ name }) => [name])
    for (const engine of engines) {
      const people = await prepare(stage, server, engine)
      for (const [index, { name, sentence, complain }] of refusals.entries()) {
        await stage.check(`${engine.name}, ${name}`, async () => {
          const complaint = await complain(people)
          read[index]?.push(`  ${engine.name.padEnd(8)} ${complaint}`)
          match(complaint, sentence[engine.name])
        })
      }
    }
    stage.note(read.flat().join('\n'))
  },
}

async function prepare({ folder, use }: Stage, server: Breakwater, engine: Engine): Promise<People> {
  const { host } = server
  const admin = use(await startEngine(engine, join(folder, engine.name)))
  const guest = admin.as('guest')
  const stranger = admin.as('stranger')
  await admin.login(host, server.admin)
  const guestAccount = await createUser(server, `gina-${engine.name}`)
  await addMember(server, 'payments', guestAccount, 'guest')
  await guest.login(host, guestAccount)
  await stranger.login(host, await createUser(server, `sam-${engine.name}`))
  const context = join(folder, `context-${engine.name}`)
  writeBuildContext(context)
  const image = `${host}/payments/api:1`
  await admin.run('build', '--network=none', '-t', image, context)
  await admin.run('push', image)
  for (const name of ['payments/api:2', 'payments/other:1', 'none/api:1']) {
    await admin.run('tag', image, `${host}/${name}`)
  }
  return { host, admin, guest, stranger, nobody: admin.as('nobody') }
}
