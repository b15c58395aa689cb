import type { Digest } from '@breakwater/oci'
import type { FixtureKey, FixtureManifest } from '@breakwater/signing/fixture'
import { createProject } from '../accounts.ts'
import type { Answer, Ask } from '../client.ts'
import { blobOf, type Image, pushBlob } from '../content.ts'
import { setMetadata } from '../gate/stage.ts'
import type { TestRegistry } from '../registry.ts'
import { scanOf } from '../scanning/scan.ts'

const api = '/api/breakwater/v1'

/** A project that lets only signed images out. */
export async function signedProject(registry: TestRegistry, name: string, isPublic = false): Promise<void> {
  await createProject(registry, name, isPublic)
  await setMetadata(registry, name, { enable_content_trust_cosign: 'true' })
}

/** A request to our own API, with a body of JSON. */
export function callApi(registry: TestRegistry, method: string, path: string, body?: object, ask: Ask = {}) {
  const headers = { 'content-type': 'application/json' }
  return registry.ask(method, `${api}${path}`, { headers, ...(body ? { body: JSON.stringify(body) } : {}), ...ask })
}

/** Pins a key in a project. */
export async function pin(
  registry: TestRegistry,
  project: string,
  name: string,
  key: Pick<FixtureKey, 'pem'>,
  more: object = {},
): Promise<void> {
  const answer = await callApi(registry, 'POST', `/projects/${project}/trust`, { name, key: key.pem, ...more })
  if (answer.status !== 201) throw new Error(`not pinned: ${answer.status} ${answer.text}`)
}

/** Pushes evidence as cosign does, and returns what the last request was answered. */
export async function pushEvidence(
  registry: TestRegistry,
  repository: string,
  evidence: FixtureManifest,
  ask: Ask = {},
): Promise<Answer> {
  for (const bytes of evidence.blobs.values()) await pushBlob(registry, repository, blobOf(bytes), ask)
  const path = `/v2/${repository}/manifests/${evidence.tag ?? evidence.digest}`
  return registry.ask('PUT', path, { body: evidence.bytes, headers: { 'content-type': evidence.mediaType }, ...ask })
}

/** The same for evidence that has to be taken; its scan has ended when it returns. */
export async function attach(registry: TestRegistry, repository: string, evidence: FixtureManifest): Promise<Digest> {
  const answer = await pushEvidence(registry, repository, evidence)
  if (answer.status !== 201) throw new Error(`evidence not taken: ${answer.status} ${answer.text}`)
  await scanOf(registry, evidence.digest)
  return evidence.digest
}

/** As evidence names what it is attached to. */
export function subjectOf({ digest, bytes, mediaType }: Image) {
  return { digest, mediaType, size: bytes.length }
}
