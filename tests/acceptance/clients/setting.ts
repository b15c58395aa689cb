import { strictEqual } from 'node:assert/strict'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createCrane } from '../crane/client.ts'
import { addMember, createProject, createRobot, createUser } from '../support/accounts.ts'
import { type Breakwater, startBreakwater } from '../support/breakwater.ts'
import { createAuthority } from '../support/certificate.ts'
import { type Account, send } from '../support/http.ts'
import type { Person } from '../support/person.ts'
import type { Stage } from '../support/scenario.ts'

/**
 * The registry of a story, on plain HTTP, with the projects `staging` and `production`, `open`, from which everybody
 * pulls, and `gated`, from which nothing is pulled that is not signed.
 */
export interface Setting {
  readonly server: Breakwater
  readonly host: string
  /** A person who maintains all projects. */
  readonly developer: Account
  /** A robot that may pull and push in all projects, and delete nothing. */
  readonly pipeline: Account
  /** A robot that may only pull. */
  readonly reader: Account
  /** A password that is wrong. */
  readonly mistaken: Account
}

const projects = ['staging', 'production', 'open', 'gated']

export async function openSetting({ folder, use }: Stage): Promise<Setting> {
  const server = use(await startBreakwater({ dataFolder: join(folder, 'data') }))
  const developer = await createUser(server, 'dana')
  for (const project of projects) {
    await createProject(server, project, { public: project === 'open' })
    await addMember(server, project, developer, 'maintainer')
  }
  const signed = 'enable_content_trust_cosign'
  const url = `${server.url}/api/v2.0/projects/gated/metadatas/${signed}`
  const reply = await send(url, { method: 'PUT', account: server.admin, body: { [signed]: 'true' } })
  strictEqual(reply.status, 200, reply.body)
  const pipeline = await createRobot(server, 'pipeline', projects, ['pull', 'push'])
  const reader = await createRobot(server, 'reader', projects, ['pull'])
  const mistaken = { ...developer, password: 'not-the-password' }
  return { server, host: server.host, developer, pipeline, reader, mistaken }
}

/** A registry with a certificate that a private authority signed. */
export interface TlsSetting {
  /** An address that no client takes for a place of plain HTTP. */
  readonly host: string
  readonly admin: Account
  readonly caFile: string
  /** A folder with nothing but the authority, as the programs of github.com/containers want it. */
  readonly authorityFolder: string
}

/** Puts the image of a layout into such a registry, for clients that do something with what is there. */
export async function pushOverTls(folder: string, { host, admin, caFile }: TlsSetting, layout: string): Promise<void> {
  const crane = createCrane(folder, 'trusting-crane', caFile)
  await crane.login(host, admin)
  await crane.run('push', layout, `${host}/library/api:1`)
}

export async function openTlsSetting({ folder, use }: Stage): Promise<TlsSetting> {
  const authority = await createAuthority(join(folder, 'authority'), 'Private authority')
  const tls = await authority.issue(join(folder, 'tls'))
  const server = use(await startBreakwater({ dataFolder: join(folder, 'tls-data'), tls }))
  const authorityFolder = join(folder, 'trusted')
  mkdirSync(authorityFolder)
  copyFileSync(authority.caFile, join(authorityFolder, 'ca.crt'))
  return { host: `0.0.0.0:${server.port}`, admin: server.admin, caFile: authority.caFile, authorityFolder }
}

/** A client in the hands of those who use it. */
export interface People<P extends Person = Person> {
  readonly robot: P
  readonly dana: P
  readonly readOnly: P
  /** Has never logged in. */
  readonly nobody: P
}

/** Each by a name of their own, which is also good for a file or folder. */
export function createPeople<P extends Person>(create: (name: string) => P): People<P> {
  return { robot: create('robot'), dana: create('dana'), readOnly: create('reader'), nobody: create('nobody') }
}

/** What a person and two pipelines do first. */
export async function login({ host, ...accounts }: Setting, { robot, dana, readOnly }: People): Promise<void> {
  await robot.login(host, accounts.pipeline)
  await dana.login(host, accounts.developer)
  await readOnly.login(host, accounts.reader)
}
