import { fixtureKey } from '@breakwater/signing/fixture'
import { callApi, makeProject } from '../lib/api.ts'
import { type Breakwater, startBreakwater } from '../lib/breakwater.ts'
import type { Contender } from '../lib/comparison.ts'
import { measurePulls } from '../lib/pulls.ts'
import { pushSignedImages } from '../lib/signed-images.ts'
import type { Settings, Workload } from '../lib/workload.ts'

const connections = 16
/** Of each project; a cold measurement pulls each once. */
const images = 500
const warmed = 10

interface Place {
  readonly label: string
  readonly paths: readonly string[]
  readonly authorization: string
  readonly keys: boolean
}

/** What a pull costs more where a signature is demanded, once the verdict is made and where it is made anew. Breakwater only. */
export const signed: Workload = {
  name: 'signed',
  run: async (settings, measure) => {
    if (settings.system === 'distribution') return
    await using system = await startBreakwater()
    const places = [await prepare(system, 'signed', true), await prepare(system, 'open', false)]
    const what = (verdicts: string): string =>
      `pulls where a signature is demanded, ${verdicts}, beside pulls from a project without a gate, ${connections} connections`
    const warm = places.map((place) => warmContender(system, place, settings))
    // The first pulls leave the verdicts.
    for (const { measure: pull } of warm) await pull(0)
    const unit = '1,000 requests'
    await measure({ name: what('verdicts made'), unit, contenders: warm, goal: { of: 'cpuRatio', atMost: 1.1 } })
    await measure({
      name: what('each verdict made anew'),
      unit,
      contenders: places.map((place) => coldContender(system, place)),
    })
  },
}

async function prepare(system: Breakwater, project: string, keys: boolean): Promise<Place> {
  await makeProject(system, project)
  const key = fixtureKey('p256')
  if (keys) {
    const path = `/api/v2.0/projects/${project}/metadatas/enable_content_trust_cosign`
    await callApi(system, 'PUT', path, { body: { enable_content_trust_cosign: 'true' } })
    await callApi(system, 'POST', trustOf(project), { body: { name: 'release', key: key.pem } })
  }
  const repository = `${project}/app`
  const digests = await pushSignedImages(system, repository, images, [key])
  const authorization = await system.token([repository], 'pull')
  const paths = digests.map((digest) => `/v2/${repository}/manifests/${digest}`)
  return { label: project, paths, authorization, keys }
}

const trustOf = (project: string): string => `/api/breakwater/v1/projects/${project}/trust`

function warmContender(system: Breakwater, { label, paths, authorization }: Place, { seconds }: Settings): Contender {
  const load = { paths: paths.slice(0, warmed), authorization, connections, seconds }
  return { label, measure: () => measurePulls(system, load) }
}

/** A change of what is demanded voids every verdict; the signatures were verified when they were pushed. */
function coldContender(system: Breakwater, { label, paths, authorization, keys }: Place): Contender {
  const load = { paths, authorization, connections, seconds: 600, requests: paths.length }
  return {
    label,
    measure: async () => {
      if (keys) await callApi(system, 'PUT', trustOf(label), { body: { requirement: 'any' }, expect: [200, 204] })
      return measurePulls(system, load)
    },
  }
}
