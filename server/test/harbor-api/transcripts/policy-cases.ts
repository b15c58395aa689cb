import type { Answer } from '../../client.ts'
import { blobOf, configBlob, descriptor, imageManifest, pushBlob, putManifest } from '../../content.ts'
import type { Case, Cases, Stage } from './stage.ts'

const pull: Case = ({ ask }) => ask('GET', '/v2/pol/app/manifests/v1')

const policedArtifact = '/projects/pol/repositories/app/artifacts/v1'

/** A manifest that says it is a signature, as old versions of cosign push it. */
async function sign({ registry, policed }: Stage): Promise<Answer> {
  const config = configBlob()
  const payload = blobOf('{}')
  for (const blob of [config, payload]) await pushBlob(registry, 'pol/app', blob)
  const layer = descriptor('application/vnd.dev.cosign.simplesigning.v1+json', payload)
  const manifest = imageManifest(config, [], { layers: [layer] })
  return putManifest(registry, 'pol/app', `${policed.digest.replace(':', '-')}.sig`, manifest)
}

/** Something that refers to the image of library/app01. */
async function attach({ registry, app }: Stage): Promise<Answer> {
  const config = configBlob()
  await pushBlob(registry, 'library/app01', config)
  const subject = descriptor(app.mediaType, app)
  const manifest = blobOf(
    imageManifest(config, [], { subject, artifactType: 'application/vnd.example.sbom', annotations: { a: 'b' } }),
  )
  return putManifest(registry, 'library/app01', manifest.digest, manifest.bytes)
}

const accessories: Case = async (stage) => {
  await attach(stage)
  return stage.call('GET', `/projects/library/repositories/app01/artifacts/${stage.app.digest}/accessories`)
}

/** What a project's policies do to pulls, and what is pushed beside an image. */
export const policyCases: Cases = {
  'cosign policy, GET manifest of an unsigned image': pull,
  'cosign policy, HEAD': ({ ask }) => ask('HEAD', '/v2/pol/app/manifests/v1'),
  'cosign policy, HEAD blob of that image (not refused)': ({ ask, policed }) => {
    const { config } = JSON.parse(policed.bytes.toString()) as { config: { digest: string } }
    return ask('HEAD', `/v2/pol/app/blobs/${config.digest}`)
  },
  'push of an unverifiable signature manifest under the tag sha256-<hex>.sig': sign,
  'after it: GET manifest under the cosign policy (Harbor checks presence, not validity)': pull,
  'prevent_vul, no scanner registered, unscanned': pull,
  'prevent_vul, while scanning': pull,
  'prevent_vul, vulnerable': pull,
  'POST scan, no scanner': ({ call }) => call('POST', `${policedArtifact}/scan`),
  'POST scan': ({ call }) => call('POST', `${policedArtifact}/scan`),
  'GET scanners': ({ call }) => call('GET', '/scanners'),
  'GET artifact while scanning': ({ call }) => call('GET', `${policedArtifact}?with_scan_overview=true`),
  'GET artifact with everything': ({ call }) =>
    call('GET', `${policedArtifact}?with_scan_overview=true&with_accessory=true&with_tag=true&with_label=true`),
  'GET vulnerabilities addition': ({ call }) => call('GET', `${policedArtifact}/additions/vulnerabilities`),
  'tags/list after the signature tag': async (stage) => {
    await sign(stage)
    return stage.ask('GET', '/v2/pol/app/tags/list')
  },
  'referrers after the signature tag': async (stage) => {
    await sign(stage)
    return stage.ask('GET', `/v2/pol/app/referrers/${stage.policed.digest}`)
  },
  'PUT manifest with a subject (OCI 1.1)': attach,
  'its referrers': async (stage) => {
    await attach(stage)
    return stage.ask('GET', `/v2/library/app01/referrers/${stage.app.digest}`)
  },
  'its referrers, filtered': async (stage) => {
    await attach(stage)
    const type = 'application/vnd.example.sbom'
    return stage.ask('GET', `/v2/library/app01/referrers/${stage.app.digest}?artifactType=${type}`)
  },
  'its accessory entry': accessories,
  'accessories list': accessories,
  'artifacts with_accessory': ({ call }) =>
    call('GET', '/projects/library/repositories/app01/artifacts?with_accessory=true'),
  'DELETE /v2/ manifest by digest (of the accessory)': async (stage) => {
    const { headers } = await attach(stage)
    return stage.ask('DELETE', `/v2/library/app01/manifests/${headers['docker-content-digest']}`)
  },
  'DELETE /v2/ manifest by tag': async ({ ask, registry, hello }) => {
    await putManifest(registry, 'library/hello', 'v2', hello.bytes)
    return ask('DELETE', '/v2/library/hello/manifests/v2')
  },
}
