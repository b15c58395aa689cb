import { basic } from '../../client.ts'
import { adminPassword } from '../../registry.ts'
import { openBrowser } from '../browser.ts'
import { grant } from '../robot.ts'
import { anonymous, type Cases } from './stage.ts'

const current = '/users/current'
const pull = [grant('*', 'repository:pull')]
const project = (project_name: string, more = {}) => ({ json: { project_name, ...more } })

export const loginCases: Cases = {
  'POST /c/login without CSRF token': ({ registry }) =>
    openBrowser(registry.origin).form('/c/login', { principal: 'admin', password: adminPassword }),
  'POST /c/login wrong password, with CSRF': ({ registry }) =>
    openBrowser(registry.origin).login('admin', 'Wr0ng-of-tests'),
  'POST /c/login right password, with CSRF': ({ registry }) =>
    openBrowser(registry.origin).login('admin', adminPassword),
  'GET users/current with the session': async ({ registry }) => {
    const browser = openBrowser(registry.origin)
    await browser.login('admin', adminPassword)
    return browser.send('GET', `/api/v2.0${current}`)
  },
  'headers of a POST with a session cookie and no CSRF token': async ({ registry }) => {
    const browser = openBrowser(registry.origin)
    await browser.login('admin', adminPassword)
    return browser.send('POST', '/api/v2.0/projects', { headers: { 'x-harbor-csrf-token': '' } })
  },
  'POST projects with the session, no CSRF header': async ({ registry }) => {
    const browser = openBrowser(registry.origin)
    await browser.login('admin', adminPassword)
    return browser.send('POST', '/api/v2.0/projects', { headers: { 'x-harbor-csrf-token': '' } })
  },
  'GET users/current anonymous': ({ call }) => call('GET', current, anonymous),
  'GET users/current wrong password': ({ call }) => call('GET', current, { auth: basic('admin', 'Wr0ng-of-tests') }),
  'GET /c/log_out': async ({ registry }) => {
    const browser = openBrowser(registry.origin)
    await browser.login('admin', adminPassword)
    return browser.send('GET', '/c/log_out')
  },
}

const metadata = '/projects/p1/metadatas'
const key = 'enable_content_trust_cosign'

export const projectCases: Cases = {
  'POST project': ({ call }) => call('POST', '/projects', project('p9')),
  'POST project, duplicate': ({ call }) => call('POST', '/projects', project('p1')),
  'POST project, bad name': ({ call }) => call('POST', '/projects', project('Bad Name')),
  'POST project, malformed JSON': ({ call }) => call('POST', '/projects', { json: '{"project_name":' }),
  'POST project, X-Resource-Name-In-Location': ({ call }) =>
    call('POST', '/projects', { ...project('p2'), headers: { 'x-resource-name-in-location': 'true' } }),
  'POST project anonymous': ({ call }) => call('POST', '/projects', { ...project('p8'), ...anonymous }),
  'GET project by name': ({ call }) => call('GET', '/projects/p1'),
  'GET project by name when the name is a number, X-Is-Resource-Name': ({ call }) =>
    call('GET', '/projects/12345', { headers: { 'x-is-resource-name': 'true' } }),
  'GET project missing': ({ call }) => call('GET', '/projects/nosuch'),
  'GET private project, anonymous': ({ call }) => call('GET', '/projects/p1', anonymous),
  'HEAD project exists': ({ call }) => call('HEAD', '/projects?project_name=p1'),
  'HEAD project missing': ({ call }) => call('HEAD', '/projects?project_name=nosuch'),
  'GET projects page_size=1 (Link header)': ({ call }) => call('GET', '/projects?page=2&page_size=1'),
  'GET projects page_size=0 / over the limit': ({ call }) => call('GET', '/projects?page_size=101'),
  'GET projects, bad sort': ({ call }) => call('GET', '/projects?sort=nonsense'),
  'GET projects, bad q': ({ call }) => call('GET', '/projects?q=nonsense'),
  'PUT metadata before it exists': ({ call }) => call('PUT', `${metadata}/auto_scan`, { json: { auto_scan: 'true' } }),
  'POST metadata': ({ call }) => call('POST', `${metadata}/`, { json: { prevent_vul: 'false' } }),
  'POST metadata, again': ({ call }) => call('POST', `${metadata}/`, { json: { [key]: 'true' } }),
  'PUT metadata': ({ call }) => call('PUT', `${metadata}/${key}`, { json: { [key]: 'false' } }),
  'PUT metadata, key and body differ': ({ call }) => call('PUT', `${metadata}/${key}`, { json: { severity: 'low' } }),
  'PUT metadata, bad value': ({ call }) => call('PUT', `${metadata}/${key}`, { json: { [key]: 'maybe' } }),
  'PUT metadata, unknown key': ({ call }) => call('PUT', `${metadata}/foo`, { json: { foo: 'bar' } }),
  'GET metadata key': ({ call }) => call('GET', `${metadata}/${key}`),
  'GET metadatas': ({ call }) => call('GET', '/projects/demo/metadatas/'),
  'PUT project with metadata': ({ call }) => call('PUT', '/projects/p1', { json: { metadata: { public: 'false' } } }),
  'GET project summary': ({ call }) => call('GET', '/projects/small/summary'),
  'GET project _deletable': ({ call }) => call('GET', '/projects/library/_deletable'),
  'DELETE project that has repositories': ({ call }) => call('DELETE', '/projects/library'),
}

const robot = (json: object) => ({
  json: { name: 'r2', level: 'system', duration: 30, permissions: pull, ...json },
})

export const robotCases: Cases = {
  'POST robot, system level': ({ call }) => call('POST', '/robots', robot({ name: 'r3' })),
  'POST robot, project level': ({ call }) =>
    call('POST', '/robots', robot({ level: 'project', permissions: [grant('p1', 'repository:pull')] })),
  'POST robot, duplicate': ({ call }) => call('POST', '/robots', robot({ name: 'r1' })),
  'POST robot, bad permission': ({ call }) => call('POST', '/robots', robot({ permissions: [grant('*', 'foo:pull')] })),
  'POST robot, duration 0': ({ call }) => call('POST', '/robots', robot({ duration: 0 })),
  'GET robot': ({ call, robot: { id } }) => call('GET', `/robots/${id}`),
  'PATCH robot (new secret)': ({ call, robot: { id } }) => call('PATCH', `/robots/${id}`, { json: { secret: '' } }),
  'PATCH robot, weak secret': ({ call, robot: { id } }) => call('PATCH', `/robots/${id}`, { json: { secret: 'weak' } }),
  'GET robots': ({ call }) => call('GET', '/robots?q=name=r1'),
  'DELETE robot': async ({ call }) => {
    const made = await call('POST', '/robots', robot({ name: 'r4' }))
    return call('DELETE', `/robots/${made.headers.location?.split('/').at(-1)}`)
  },
  'GET permissions': ({ call }) => call('GET', '/permissions'),
}
