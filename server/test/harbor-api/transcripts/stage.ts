import { addMember, createProject, createUser, type TestUser } from '../../accounts.ts'
import type { Answer, Ask } from '../../client.ts'
import { type Blob, blobOf, type Image, imageManifest, mustPutManifest, pushImage } from '../../content.ts'
import type { TestRegistry } from '../../registry.ts'
import { type Caller, caller } from '../call.ts'
import { createRobot, grant, type TestRobot } from '../robot.ts'

/** A registry with what the transcripts were taken of, under the same names and (where sentences say them) ids. */
export interface Stage {
  readonly registry: TestRegistry
  readonly ask: (method: string, path: string, ask?: Ask) => Promise<Answer>
  readonly call: Caller
  /** Guest of p1, and in no other project. */
  readonly bob: TestUser
  readonly hello: Image
  readonly app: Image
  /** Docker's manifest pol/app:v1, in a project with every policy. */
  readonly policed: Blob
  readonly robot: TestRobot
}

export type Case = (stage: Stage) => Promise<Answer>

/** The requests of a section by their labels. */
export type Cases = Readonly<Record<string, Case>>

export const anonymous = { auth: undefined }
export const zeros = `sha256:${'0'.repeat(64)}`
/** A list of manifest types as engines send it. */
export const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' }

const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
const cosign = 'enable_content_trust_cosign'

export async function setTheStage(registry: TestRegistry): Promise<Stage> {
  const call = caller(() => registry)
  await createProject(registry, 'demo')
  await createProject(registry, 'p1')
  const hello = await pushImage(registry, 'library/hello', 'v1')
  const app = await pushImage(registry, 'library/app01', 'v1')
  for (const repository of ['library/app02', 'library/app03', 'demo/x']) await pushImage(registry, repository, 'v1')
  const headers = { 'content-type': 'application/json' }
  const tag = '/api/v2.0/projects/library/repositories/app01/artifacts/v1/tags'
  await registry.ask('POST', tag, { body: '{"name":"latest"}', headers })
  await createProject(registry, 'small')
  await createProject(registry, 'pol')
  const image = await pushImage(registry, 'pol/app')
  const docker = imageManifest(image.config, image.layers, { mediaType: dockerManifest })
  await mustPutManifest(registry, 'pol/app', 'v1', docker, dockerManifest)
  await call('PUT', '/projects/pol', {
    json: { metadata: { [cosign]: 'true', prevent_vul: 'true', severity: 'high' } },
  })
  for (const name of ['p1', 'demo']) {
    await call('PUT', `/projects/${name}/metadatas/${cosign}`, { json: { [cosign]: 'false' } })
  }
  const bob = await createUser(registry, 'bob')
  await addMember(registry, 'p1', bob, 'guest')
  return {
    registry,
    ask: registry.ask,
    call,
    bob,
    hello,
    app,
    policed: blobOf(docker),
    robot: await createRobot(call, 'r1', [grant('*', 'repository:pull')]),
  }
}
