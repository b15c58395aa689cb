import { beforeAll, describe, expect, it, test } from 'vitest'
import { addMember, createProject, createUser, type TestUser, tokenFor } from '../accounts.ts'
import { type Answer, ask } from '../client.ts'
import type { Image } from '../content.ts'
import { type Call, caller } from '../harbor-api/call.ts'
import { admin, sharedRegistry } from '../registry.ts'
import {
  critical,
  gatedProject,
  high,
  low,
  pushScanned,
  setMetadata,
  told,
  type WrittenFinding,
  writeDatabase,
  writeScan,
} from './stage.ts'

/** gate.md G8-G10: what changes a verdict, at once and for every process. */
const registry = sharedRegistry()
const harbor = caller(registry)
let owner: TestUser

const ours = (method: string, path: string, { json, ...more }: Call = {}) =>
  registry().ask(method, `/api/breakwater/v1${path}`, {
    auth: owner.auth,
    ...more,
    ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
  })
const parsed = <T>(answer: Answer): T => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`)
  return JSON.parse(answer.text) as T
}

beforeAll(async () => {
  await writeDatabase(registry())
  owner = await createUser(registry(), 'owner')
})

let made = 0
/** A gated project with an image of these findings. */
async function stage(
  ...findings: WrittenFinding[]
): Promise<{ project: string; image: Image; pull: () => Promise<Answer> }> {
  made += 1
  const project = `p${made}`
  await gatedProject(registry(), project)
  await addMember(registry(), project, owner, 'projectAdmin')
  const image = await pushScanned(registry(), `${project}/app`, 'v1', findings)
  return { project, image, pull: () => registry().ask('GET', `/v2/${project}/app/manifests/v1`) }
}
const statusOf = async (pull: () => Promise<Answer>) => (await pull()).status

describe("Harbor's settings", () => {
  it('act on the next pull: severity, and switching on and off', async () => {
    const { project, pull } = await stage(high)
    expect(await statusOf(pull)).toBe(403)
    await setMetadata(registry(), project, { severity: 'critical' })
    expect(await statusOf(pull)).toBe(200)
    await setMetadata(registry(), project, { severity: 'low' })
    expect(told(await pull()).message).toContain('severity of "Low" or higher')
    await setMetadata(registry(), project, { prevent_vul: 'false' })
    expect(await statusOf(pull)).toBe(200)
    await harbor('PUT', `/projects/${project}`, { json: { metadata: { prevent_vul: 'true' } } })
    expect(await statusOf(pull)).toBe(403)
    await harbor('DELETE', `/projects/${project}/metadatas/prevent_vul`)
    expect(await statusOf(pull)).toBe(200)
  })

  it('of a new project hold from its first push on', async () => {
    await harbor('POST', '/projects', {
      json: { project_name: 'born-gated', metadata: { prevent_vul: 'true', severity: 'high' } },
    })
    await pushScanned(registry(), 'born-gated/app', 'v1', [critical])
    expect((await registry().ask('GET', '/v2/born-gated/app/manifests/v1')).status).toBe(403)
  })

  it('without a severity refuse every vulnerability, and say Unknown', async () => {
    const { project, pull } = await stage(low)
    await harbor('DELETE', `/projects/${project}/metadatas/severity`)
    expect(told(await pull()).message).toContain('severity of "Unknown" or higher')
  })

  it('switching the scanner off opens nothing', async () => {
    const { project, pull } = await stage(high)
    await setMetadata(registry(), project, { auto_scan: 'false' })
    expect(await statusOf(pull)).toBe(403)
    await pushScanned(registry(), `${project}/app`, 'v2', [high])
    expect((await registry().ask('GET', `/v2/${project}/app/manifests/v2`)).status).toBe(403)
  })

  it('content trust is kept as it is set, and refuses nothing so far', async () => {
    const { project, pull } = await stage()
    await setMetadata(registry(), project, { enable_content_trust_cosign: 'true' })
    expect(await statusOf(pull)).toBe(200)
  })
})

describe("Harbor's CVE allowlists", () => {
  const list = (ids: string[], expires_at?: number) => ({ items: ids.map((cve_id) => ({ cve_id })), expires_at })

  it("the system's holds, unless the project says that its own does", async () => {
    const { project, pull } = await stage(high)
    await harbor('PUT', '/system/CVEAllowlist', { json: list([high.id]) })
    expect(await statusOf(pull)).toBe(200)
    await setMetadata(registry(), project, { reuse_sys_cve_allowlist: 'false' })
    expect(await statusOf(pull)).toBe(403)
    await harbor('PUT', `/projects/${project}`, { json: { cve_allowlist: list([high.id]) } })
    expect(await statusOf(pull)).toBe(200)
    await harbor('PUT', `/projects/${project}`, { json: { cve_allowlist: list([high.id], 1_700_000_000) } })
    expect(await statusOf(pull)).toBe(403)
    await harbor('PUT', '/system/CVEAllowlist', { json: list([]) })
  })

  it('end when they say, without anybody changing something', async () => {
    const { project, pull } = await stage(high)
    await setMetadata(registry(), project, { reuse_sys_cve_allowlist: 'false' })
    const soon = Math.floor(Date.now() / 1000) + 2
    await harbor('PUT', `/projects/${project}`, { json: { cve_allowlist: list([high.id], soon) } })
    expect(await statusOf(pull)).toBe(200)
    while ((await statusOf(pull)) === 200) await new Promise((resolve) => setTimeout(resolve, 100))
    expect(Date.now()).toBeGreaterThanOrEqual(soon * 1000)
  })
})

describe('exceptions', () => {
  const grant = (project: string, json: object, auth = owner.auth) =>
    ours('POST', `/projects/${project}/exceptions`, { json: { reason: 'it is not reachable here', ...json }, auth })

  it('let pass what they name, until they are revoked', async () => {
    const { project, pull } = await stage(high)
    const granted = parsed<{ id: number; severity: string; author: string; expires_at: string }>(
      await grant(project, { vulnerability: high.id }),
    )
    expect(granted).toMatchObject({ author: 'user:owner', severity: 'high' })
    const days = (Date.parse(granted.expires_at) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(90)
    expect(await statusOf(pull)).toBe(200)
    const verdict = parsed<{ notes: { sentence: string }[] }>(
      await ours('GET', `/verdict?repository=${project}/app&reference=v1`),
    )
    expect(verdict.notes[0]?.sentence).toMatch(/is excepted \(\d+\) by user:owner until .*: it is not reachable here/)
    expect(parsed(await ours('GET', `/projects/${project}/exceptions`))).toMatchObject([{ id: granted.id }])
    expect((await ours('DELETE', `/projects/${project}/exceptions/${granted.id}`)).status).toBe(200)
    expect(await statusOf(pull)).toBe(403)
    expect((await ours('DELETE', `/projects/${project}/exceptions/${granted.id}`)).status).toBe(404)
    expect(
      await registry().query(
        `select action, actor from ledger where object = $1 and action like 'exception.%' order by id`,
        [`project ${project}`],
      ),
    ).toEqual([
      { action: 'exception.create', actor: 'user:owner' },
      { action: 'exception.revoke', actor: 'user:owner' },
    ])
  })

  it('hold for the repository, digest and package that they name', async () => {
    const { project, image, pull } = await stage(high)
    const tries: [object, number][] = [
      [{ repository: 'other' }, 403],
      [{ package: 'zlib', severity: 'high' }, 403],
      [{ repository: 'a*' }, 200],
      [{ package: 'openssl' }, 200],
      [{ digest: image.digest }, 200],
    ]
    for (const [limits, status] of tries) {
      const { id } = parsed<{ id: number }>(await grant(project, { vulnerability: high.id, ...limits }))
      expect([limits, await statusOf(pull)]).toEqual([limits, status])
      await ours('DELETE', `/projects/${project}/exceptions/${id}`)
    }
  })

  it('lapse when the vulnerability becomes worse', async () => {
    const { project, image, pull } = await stage(high)
    await grant(project, { vulnerability: high.id })
    expect(await statusOf(pull)).toBe(200)
    await writeScan(registry(), image.digest, [{ ...high, severity: 4 }])
    expect(await statusOf(pull)).toBe(403)
  })

  it('are not for what their author pushed', async () => {
    const { project, image, pull } = await stage(high)
    expect(told(await grant(project, { vulnerability: high.id, digest: image.digest }, admin))).toMatchObject({
      status: 403,
      message: expect.stringContaining('nobody may except what they pushed themselves'),
    })
    expect((await grant(project, { vulnerability: high.id }, admin)).status).toBe(201)
    expect(await statusOf(pull)).toBe(403)
  })

  it('need a reason, an id that something has, and an end within 90 days', async () => {
    const { project } = await stage(high)
    const later = new Date(Date.now() + 100 * 86_400_000).toISOString()
    const mistakes: [object, string][] = [
      [{ vulnerability: high.id, reason: 'no' }, 'reason'],
      [{ vulnerability: 'CVE-1999-1' }, 'no image here has a finding CVE-1999-1'],
      [{ vulnerability: high.id, expires_at: later }, 'may last 90 days'],
      [{ vulnerability: high.id, expires_at: '2020-01-01' }, 'in the past'],
      [{ vulnerability: high.id, expires_at: 'soon' }, 'expires_at is no time'],
      [{ vulnerability: high.id, repository: 'A/**' }, 'lower-case'],
      [{ vulnerability: high.id, digest: 'sha256:0' }, 'no digest'],
      [{ vulnerability: high.id, sverity: 'high' }, 'sverity'],
      [{ vulnerability: '%' }, 'vulnerability'],
      [{}, 'vulnerability'],
    ]
    for (const [json, problem] of mistakes) {
      expect(told(await grant(project, json))).toMatchObject({ status: 400, message: expect.stringContaining(problem) })
    }
    expect(parsed(await ours('GET', `/projects/${project}/exceptions`))).toEqual([])
  })

  test.each([
    ['projectAdmin', 201, 200],
    ['maintainer', 201, 200],
    ['developer', 403, 200],
    ['guest', 403, 403],
    ['limitedGuest', 403, 403],
  ] as const)('%s: grants %i, lists %i', async (role, grants, lists) => {
    const { project } = await stage(high)
    const user = await createUser(registry())
    await addMember(registry(), project, user, role)
    expect((await grant(project, { vulnerability: high.id }, user.auth)).status).toBe(grants)
    expect((await ours('GET', `/projects/${project}/exceptions`, user)).status).toBe(lists)
    expect((await ours('GET', `/projects/${project}/exceptions`, { auth: undefined })).status).toBe(401)
    expect((await ours('POST', '/exceptions', { json: {}, auth: user.auth })).status).toBe(403)
  })
})

describe("a project's own settings", () => {
  const put = (project: string, json: object, auth = owner.auth) =>
    ours('PUT', `/projects/${project}/policy`, { json, auth })

  it('warn serves, marks the pull, and the verdict says what it would refuse', async () => {
    const { project, image, pull } = await stage(high)
    await put(project, { mode: 'warn' })
    expect(await statusOf(pull)).toBe(200)
    await expect
      .poll(() => registry().query(`select warned from pull where digest = decode($1, 'hex')`, [image.digest.slice(7)]))
      .toEqual([{ warned: true }])
    expect(parsed(await ours('GET', `/verdict?repository=${project}/app&reference=v1`))).toMatchObject({
      allowed: true,
      reasons: [{ code: 'vulnerable', enforced: false }],
    })
  })

  it('ignoreUnfixed is seen in policy and verdict', async () => {
    const { project, pull } = await stage({ ...high, fixedVersion: '' })
    expect(await statusOf(pull)).toBe(403)
    expect(parsed(await put(project, { ignoreUnfixed: true }))).toMatchObject({ settings: { ignoreUnfixed: true } })
    expect(await statusOf(pull)).toBe(200)
    expect((await ours('GET', `/verdict?repository=${project}/app&reference=v1`)).text).toContain('without a fix')
    await put(project, {})
    expect(await statusOf(pull)).toBe(403)
  })

  test.each([
    [{ mode: 'off' }, 'mode'],
    [{ holdSeconds: 600 }, 'holdSeconds'],
    [{ acceptNotCovered: ['../x'] }, 'acceptNotCovered'],
    [{ severity: 'low' }, 'severity'],
    [[], 'JSON object'],
  ])('%j is refused', async (json, problem) => {
    const { project } = await stage()
    expect(told(await put(project, json))).toMatchObject({ status: 400, message: expect.stringContaining(problem) })
  })

  it('are changed by administrators of the project only', async () => {
    const { project } = await stage()
    const user = await createUser(registry())
    await addMember(registry(), project, user, 'maintainer')
    expect((await put(project, { mode: 'warn' }, user.auth)).status).toBe(403)
    expect((await ours('GET', `/projects/${project}/policy`, user)).status).toBe(200)
  })
})

describe('the floor', () => {
  const floor = (json: object, auth = admin) => ours('PUT', '/policy/floor', { json, auth })

  it('gates every project, those that are made later too, and only administrators set it', async () => {
    await createProject(registry(), 'lax')
    const image = await pushScanned(registry(), 'lax/app', 'v1', [critical])
    const pull = () => registry().ask('GET', `/v2/lax/app/manifests/${image.digest}`)
    expect(await statusOf(pull)).toBe(200)
    expect((await floor({ severity: 'critical' }, owner.auth)).status).toBe(403)
    try {
      expect((await floor({ severity: 'critical' })).status).toBe(200)
      expect(told(await pull())).toMatchObject({ status: 403, message: expect.stringContaining('whole registry') })
      await createProject(registry(), 'later')
      await pushScanned(registry(), 'later/app', 'v1', [critical])
      expect((await registry().ask('GET', '/v2/later/app/manifests/v1')).status).toBe(403)
    } finally {
      await floor({})
    }
    expect(await statusOf(pull)).toBe(200)
  })

  it('is not lowered by anything that a project sets', async () => {
    const { project, pull } = await stage(critical)
    await floor({ severity: 'critical' })
    try {
      await setMetadata(registry(), project, { prevent_vul: 'false', reuse_sys_cve_allowlist: 'false' })
      await harbor('PUT', `/projects/${project}`, { json: { cve_allowlist: { items: [{ cve_id: critical.id }] } } })
      await ours('PUT', `/projects/${project}/policy`, { json: { mode: 'warn', ignoreUnfixed: true } })
      const exception = { vulnerability: critical.id, reason: 'it is not reachable here' }
      expect((await ours('POST', `/projects/${project}/exceptions`, { json: exception })).status).toBe(201)
      expect(await statusOf(pull)).toBe(403)
      // What holds everywhere does.
      const helper = await createUser(registry())
      await registry().query('update user_account set system_admin = true, revision = revision + 1 where id = $1', [
        helper.id,
      ])
      const everywhere = await ours('POST', '/exceptions', { json: exception, auth: helper.auth })
      expect(everywhere.status).toBe(201)
      expect(await statusOf(pull)).toBe(200)
      const { id } = JSON.parse(everywhere.text) as { id: number }
      expect((await ours('DELETE', `/exceptions/${id}`, { auth: admin })).status).toBe(200)
      expect(await statusOf(pull)).toBe(403)
    } finally {
      await floor({})
    }
  })

  it('and new projects never miss each other', async () => {
    try {
      await Promise.all([
        floor({ severity: 'critical' }),
        ...Array.from({ length: 12 }, (_, i) => createProject(registry(), `race${i}`)),
      ])
      expect(await registry().query(`select name from project where name like 'race%' and not gated`)).toEqual([])
    } finally {
      await floor({})
    }
    expect(await registry().query(`select name from project where name like 'race%' and gated`)).toEqual([])
  })
})

describe('the age of the database', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)

  it('refuses what is new, leaves what was there, and the glass can be broken', async () => {
    const { project, image, pull } = await stage()
    const known = (days: number) =>
      registry().query(
        `update manifest set created_at = now() - $2 * interval '1 day' where digest = decode($1, 'hex')`,
        [image.digest.slice(7), days],
      )
    const settle = () => writeScan(registry(), image.digest)
    expect(await statusOf(pull)).toBe(200)
    await writeDatabase(registry(), daysAgo(9))
    try {
      await settle()
      expect(told(await pull())).toMatchObject({ status: 403, message: expect.stringContaining('9 days old') })
      expect((await ours('POST', `/projects/${project}/policy/break-glass`, { json: { reason: 'no' } })).status).toBe(
        400,
      )
      const glass = await ours('POST', `/projects/${project}/policy/break-glass`, {
        json: { reason: 'the mirror is down' },
      })
      const { until } = parsed<{ until: string }>(glass)
      expect(Math.round((Date.parse(until) - Date.now()) / 3_600_000)).toBe(24)
      expect(await statusOf(pull)).toBe(200)
      expect((await ours('GET', `/verdict?repository=${project}/app&reference=v1`)).text).toContain(
        'the mirror is down',
      )
      expect((await ours('DELETE', `/projects/${project}/policy/break-glass`)).status).toBe(204)
      expect(await statusOf(pull)).toBe(403)
      await known(3)
      await settle()
      expect(await statusOf(pull)).toBe(200)
      expect((await ours('GET', `/verdict?repository=${project}/app&reference=v1`)).text).toContain('Stale')
      await ours('PUT', `/projects/${project}/policy`, { json: { staleDeny: true } })
      expect(await statusOf(pull)).toBe(403)
    } finally {
      await writeDatabase(registry())
    }
    await settle()
    expect(await statusOf(pull)).toBe(200)
  })

  it('none: nothing that runs is served', async () => {
    const { pull } = await stage()
    await registry().query(`update vulndb_generation set state = 'retired' where state = 'current'`)
    try {
      expect(told(await pull())).toMatchObject({
        status: 403,
        message: expect.stringContaining('without a vulnerability database'),
      })
    } finally {
      await writeDatabase(registry())
    }
  })
})

it('a preview says which pulls would have been refused, and changes nothing', async () => {
  await createProject(registry(), 'tried')
  await addMember(registry(), 'tried', owner, 'projectAdmin')
  const bad = await pushScanned(registry(), 'tried/app', 'bad', [critical])
  await pushScanned(registry(), 'tried/app', 'good', [low])
  for (const tag of ['bad', 'bad', 'good']) await registry().ask('GET', `/v2/tried/app/manifests/${tag}`)
  await expect
    .poll(() =>
      registry().query(`select from pull l join repository r on r.id = l.repository_id where r.name = 'app'
    and r.project_id = (select id from project where name = 'tried')`),
    )
    .toHaveLength(3)
  const preview = (json: object) => ours('POST', '/projects/tried/policy/preview', { json })
  expect(parsed(await preview({ severity: 'high', days: 7 }))).toMatchObject({
    judged: { artifacts: 2, pulls: 3 },
    refused: [
      {
        repository: 'app',
        digest: bad.digest,
        tags: ['bad'],
        pulls: 2,
        by: ['user:admin'],
        reasons: [{ code: 'vulnerable', counts: { critical: 1 } }],
      },
    ],
  })
  expect(parsed<{ refused: unknown[] }>(await preview({ severity: 'low' })).refused).toHaveLength(2)
  expect((await registry().ask('GET', '/v2/tried/app/manifests/bad')).status).toBe(200)
  expect((await preview({ severity: 'worst' })).status).toBe(400)
})

it('a verdict is told to whoever may pull', async () => {
  const { project } = await stage(high)
  const path = `/verdict?repository=${project}/app&reference=v1`
  const stranger = await createUser(registry())
  expect((await ours('GET', path, stranger)).status).toBe(403)
  expect((await ours('GET', path, { auth: undefined })).status).toBe(401)
  await addMember(registry(), project, stranger, 'limitedGuest')
  expect(parsed(await ours('GET', path, stranger))).toMatchObject({
    allowed: false,
    gated: true,
    evidence: { class: 'image', scan: 'success', total: 1, findings: [{ id: high.id, severity: 'high' }] },
    database: { digest: 'sha256:0', age_hours: 0 },
    rules: [{ origin: 'project', severity: 'High', mode: 'enforce' }],
  })
  expect((await ours('GET', `/verdict?repository=${project}/app&reference=none`)).status).toBe(404)
})

it('another process acts on a change at once', async () => {
  await using twin = await registry().twin()
  const { project, image, pull } = await stage(high)
  const token = await tokenFor(registry(), admin, `repository:${project}/app:pull`)
  const there = () => ask(twin.origin, 'GET', `/v2/${project}/app/manifests/v1`, { auth: token })
  for (let i = 0; i < 5; i += 1) {
    await setMetadata(registry(), project, { severity: 'critical' })
    expect([await statusOf(there), await statusOf(pull)]).toEqual([200, 200])
    await setMetadata(registry(), project, { severity: 'high' })
    expect([await statusOf(there), await statusOf(pull)]).toEqual([403, 403])
  }
  await writeScan(registry(), image.digest, [])
  expect(await statusOf(there)).toBe(200)
  await writeScan(registry(), image.digest, [critical])
  expect(await statusOf(there)).toBe(403)
})
