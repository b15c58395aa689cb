import { mediaType } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { errorOf } from '../client.ts'
import {
  blobOf,
  configBlob,
  descriptor,
  imageManifest,
  indexManifest,
  mustPutManifest,
  pushBlob,
  pushImage,
} from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const addition = (reference: string, name: string) =>
  registry().ask('GET', `/api/v2.0/projects/library/repositories/app/artifacts/${reference}/additions/${name}`)

it('the build history is what the config says', async () => {
  const history = [{ created: '2026-01-01T00:00:00Z', created_by: 'COPY . /' }, { empty_layer: true }]
  const config = configBlob({ history })
  await pushBlob(registry(), 'library/app', config)
  await mustPutManifest(registry(), 'library/app', 'built', imageManifest(config, []))
  const answer = await addition('built', 'build_history')
  expect(answer).toMatchObject({ status: 200, text: JSON.stringify(history) })
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
})

it('an image without history has an empty one', async () => {
  await pushImage(registry(), 'library/app', 'plain')
  expect((await addition('plain', 'build_history')).text).toBe('[]')
})

it.each([
  ['plain', 'values.yaml', 'IMAGE'],
  ['multi', 'build_history', 'IMAGE'],
  ['chart', 'build_history', 'CHART'],
])('%s has no %s', async (tag, name, kind) => {
  const child = await pushImage(registry(), 'library/app', 'plain')
  await mustPutManifest(registry(), 'library/app', 'multi', indexManifest([child]), mediaType.ociIndex)
  const config = blobOf('{"name":"chart"}')
  await pushBlob(registry(), 'library/app', config)
  const described = descriptor('application/vnd.cncf.helm.config.v1+json', config)
  await mustPutManifest(registry(), 'library/app', 'chart', imageManifest(config, [], { config: described }))
  const answer = await addition(tag, name)
  expect(answer.status).toBe(400)
  expect(errorOf(answer)).toEqual({ code: 'BAD_REQUEST', message: `addition ${name} isn't supported for ${kind}` })
})

it('what is no addition at all is refused by its name', async () => {
  await pushImage(registry(), 'library/app', 'plain')
  expect((await addition('plain', 'nonsense')).status).toBe(422)
})
