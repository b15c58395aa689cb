import { match, notStrictEqual, strictEqual } from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../bench/lib/free-port.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { breakwater } from '../support/breakwater-command.ts'
import { createAuthority } from '../support/certificate.ts'
import { outputOf, runCommand } from '../support/command.ts'
import type { Scenario } from '../support/scenario.ts'
import { databaseMissing, freshDatabase, goldenFolder, untilDatabase } from '../support/vulnerability-database.ts'
import { at, guideCommands } from './commands.ts'

const artifact = 'library/trivy-db:2'

/** Step 8 of the guide: the vulnerability database is mirrored into the registry, which scans with it; so does trivy. */
export const guideStep8Database: Scenario = {
  name: 'guide/step-8-database',
  tools: ['oras', 'trivy'],
  needsRoot: false,
  unavailable: databaseMissing,
  async run({ folder, use, check, note }) {
    const tls = await createAuthority(join(folder, 'authority'), 'Private authority')
    const port = await freePort()
    const host = `127.0.0.1:${port}`
    const settings = { BREAKWATER_VULNDB_SOURCE: `oci:${host}/${artifact}` }
    const certificate = await tls.issue(join(folder, 'tls'))
    const dataFolder = join(folder, 'data')
    const server = use(await startBreakwater({ dataFolder, port, tls: certificate, settings }))
    // The configuration of a person, with the authority trusted as on a machine of the house.
    const env = { DOCKER_CONFIG: join(folder, 'person'), SSL_CERT_FILE: tls.caFile, NODE_EXTRA_CA_CERTS: tls.caFile }
    mkdirSync(env.DOCKER_CONFIG)
    const { user, password } = server.admin
    await outputOf('oras', ['login', host, '-u', user, '--password-stdin'], { env, input: password })
    const [push] = guideCommands('event_based means', 'Point the air-gapped', ['oras'])
    const mirror = join(folder, 'mirror')
    await freshDatabase(mirror)

    await check('g8-vulndb oras push, as printed', async () => {
      const { status, text } = await runCommand('bash', ['-c', at(host, push)], { cwd: mirror, env })
      strictEqual(status, 0, text)
      match(text, /Digest: sha256:[0-9a-f]{64}/)
    })
    await check('g8-vulndb the registry imports it by itself, with no way out of this machine', async () => {
      await untilDatabase(server, certificate.ca)
      const status = await breakwater(server, ['vulndb', 'status'], env)
      note(status)
      match(status, new RegExp(await outputOf('oras', ['resolve', `${host}/${artifact}`], { env })))
    })
    await check('g8-vulndb the real trivy takes it from here, with --db-repository', async () => {
      const cache = join(folder, 'trivy')
      const repository = ['--db-repository', `${host}/${artifact}`, '--cache-dir', cache]
      const { status, text } = await runCommand('trivy', ['image', '--download-db-only', ...repository], { env })
      strictEqual(status, 0, text)
      const layout = join(folder, 'layout')
      mkdirSync(layout)
      await outputOf('tar', ['-C', layout, '-xf', join(goldenFolder, 'images', 'debian11-synth.oci.tar')])
      const scan = ['--skip-java-db-update', '--offline-scan', '--scanners', 'vuln', '--format', 'json', '--quiet']
      const output = await outputOf('trivy', ['image', ...repository, ...scan, '--input', layout], { env })
      const found = (JSON.parse(output) as { Results: { Vulnerabilities?: object[] }[] }).Results
      notStrictEqual(found.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities).length, 0)
    })
    await check('g8-vulndb breakwater scan takes it from here', async () => {
      const image = join(goldenFolder, 'images', 'debian11-synth.oci.tar')
      const scan = ['scan', image, '--db', `oci:${host}/${artifact}`, '--cache-dir', join(folder, 'cache'), '--json']
      const { findings } = JSON.parse(await breakwater(server, scan, env)) as { findings: object[] }
      notStrictEqual(findings.length, 0)
    })
  },
}
