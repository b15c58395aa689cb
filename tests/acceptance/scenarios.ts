import { buildah } from './clients/buildah.ts'
import { buildx } from './clients/buildx.ts'
import { cosign } from './clients/cosign.ts'
import { ctr } from './clients/ctr.ts'
import { helm } from './clients/helm.ts'
import { notation } from './clients/notation.ts'
import { oras } from './clients/oras.ts'
import { podman } from './clients/podman.ts'
import { regctl } from './clients/regctl.ts'
import { skopeo } from './clients/skopeo.ts'
import { objectStores } from './conformance/object-stores.ts'
import { oneProcess } from './conformance/one-process.ts'
import { twoProcesses } from './conformance/two-processes.ts'
import { craneEveryday } from './crane/everyday.ts'
import { craneRefusals } from './crane/refusals.ts'
import { craneTls } from './crane/tls.ts'
import { engines } from './docker/engine.ts'
import { dockerEveryday } from './docker/everyday.ts'
import { dockerRefusals } from './docker/refusals.ts'
import { dockerTls } from './docker/tls.ts'
import { gateRefusals } from './gate/refusals.ts'
import { cosigns } from './guide/cosign.ts'
import { guideGate } from './guide/gate.ts'
import { guideStep4 } from './guide/step-4.ts'
import { guideStep5 } from './guide/step-5.ts'
import { guideStep6 } from './guide/step-6.ts'
import { guideStep8Database } from './guide/step-8-database.ts'
import { harborGoClient } from './harbor-sdk/go-client.ts'
import { harborPythonClient } from './harbor-sdk/python-client.ts'
import { againstTrivy } from './scanner/against-trivy.ts'
import { goldens } from './scanner/goldens.ts'
import { versionOrders } from './scanner/version-orders.ts'
import { signingCases } from './signing/scenario.ts'
import { startAndStop } from './start/start-and-stop.ts'
import type { Scenario } from './support/scenario.ts'

/** In the order in which they are told: what everything else needs comes first. */
export const scenarios: readonly Scenario[] = [
  startAndStop,
  oneProcess,
  twoProcesses,
  ...objectStores,
  craneEveryday,
  craneRefusals,
  craneTls,
  ctr,
  podman,
  buildah,
  skopeo,
  regctl,
  oras,
  helm,
  cosign,
  notation,
  buildx,
  harborGoClient,
  harborPythonClient,
  ...engines.map(dockerEveryday),
  dockerRefusals,
  ...engines.map(dockerTls),
  guideStep4,
  goldens,
  versionOrders,
  againstTrivy,
  guideGate,
  guideStep5,
  ...cosigns.map(guideStep6),
  guideStep8Database,
  gateRefusals,
  signingCases,
]
