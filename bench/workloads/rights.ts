import { type Breakwater, startBreakwater } from '../lib/breakwater.ts'
import type { Contender } from '../lib/comparison.ts'
import { send } from '../lib/http-client.ts'
import { measurePulls } from '../lib/pulls.ts'
import { digestOf } from '../lib/random-content.ts'
import { pushImage } from '../lib/registry-client.ts'
import { type Account, basic } from '../lib/system.ts'
import type { Settings, Workload } from '../lib/workload.ts'

const connections = 16
const count = 10
const spread = Array.from({ length: count }, (_, index) => `spread${index}/app`)
const together = Array.from({ length: count }, (_, index) => `together/app${index}`)

async function post(system: Breakwater, path: string, body: object): Promise<string> {
  const headers = { authorization: basic(system.account), 'content-type': 'application/json' }
  const payload = Buffer.from(JSON.stringify(body))
  const reply = await send(system, { method: 'POST', path: `/api/v2.0${path}`, headers, body: payload })
  if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.status} ${reply.body.toString()}`)
  return reply.body.toString()
}

/** A robot that may pull everywhere. */
async function makeRobot(system: Breakwater): Promise<Account> {
  const access = [{ resource: 'repository', action: 'pull' }]
  const permissions = [{ kind: 'project', namespace: '*', access }]
  const made = await post(system, '/robots', { name: 'puller', level: 'system', duration: -1, permissions })
  const { name, secret } = JSON.parse(made) as { name: string; secret: string }
  return { user: name, password: secret }
}

async function tokenOf(system: Breakwater, account: Account, repositories: readonly string[]): Promise<string> {
  const scopes = repositories.map((name) => `&scope=repository:${name}:pull`).join('')
  const path = `/service/token?service=harbor-registry${scopes}`
  const reply = await send(system, { method: 'GET', path, headers: { authorization: basic(account) } })
  if (reply.status !== 200) throw new Error(`no token: ${reply.status} ${reply.body.toString()}`)
  return `Bearer ${(JSON.parse(reply.body.toString()) as { token: string }).token}`
}

function contender(
  system: Breakwater,
  label: string,
  paths: readonly string[],
  authorization: string,
  settings: Settings,
): Contender {
  return {
    label,
    measure: () => measurePulls(system, { paths, authorization, connections, seconds: settings.seconds }),
  }
}

/** What looking up rights costs: in one project or many, and with a robot's secret in place of a token. Breakwater only. */
export const rights: Workload = {
  name: 'rights',
  run: async (settings, measure) => {
    if (settings.system === 'distribution') return
    await using system = await startBreakwater()
    for (const project of [...spread.map((name) => name.split('/')[0]), 'together']) {
      await post(system, '/projects', { project_name: project })
    }
    const paths = new Map<string, string>()
    for (const repository of [...spread, ...together]) {
      const manifest = await pushImage(system, repository, '1', { seed: repository, layers: 1, layerBytes: 1024 })
      paths.set(repository, `/v2/${repository}/manifests/${digestOf(manifest)}`)
    }
    const pathsOf = (repositories: readonly string[]) => repositories.map((name) => paths.get(name) ?? '')
    const robot = await makeRobot(system)
    const token = await tokenOf(system, robot, [...spread, ...together])
    const one = contender(system, 'one project', pathsOf(together), token, settings)
    const many = contender(system, 'ten projects', pathsOf(spread), token, settings)
    const secret = contender(system, 'basic', pathsOf(together), basic(robot), settings)
    for (const warming of [one, many, secret]) await warming.measure(0)
    await measure({
      name: `pulls from one project beside pulls from ten, ${connections} connections`,
      unit: '1,000 requests',
      contenders: [one, many],
      goal: { of: 'cpuRatio', atMost: 1.1 },
    })
    await measure({
      name: `a robot's secret in each request beside its token, ${connections} connections`,
      unit: '1,000 requests',
      contenders: [secret, { ...one, label: 'bearer' }],
      goal: { of: 'cpuRatio', atMost: 1.2 },
    })
  },
}
