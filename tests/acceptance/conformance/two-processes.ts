import { join } from 'node:path'
import type { Scenario } from '../support/scenario.ts'
import { checkOnReplicas } from './replicas.ts'
import { conformanceTool } from './suite.ts'

/** Two servers on one folder. */
export const twoProcesses: Scenario = {
  name: 'conformance/two-processes',
  tools: [conformanceTool],
  needsRoot: false,
  run: (stage) => checkOnReplicas(stage, { BREAKWATER_STORE_ROOT: join(stage.folder, 'store') }),
}
