import { join } from 'node:path'
import { startBreakwater } from '../support/breakwater.ts'
import type { Scenario } from '../support/scenario.ts'
import { checkConformance, conformanceTool } from './suite.ts'

/** The specification's own program against one server with its defaults. */
export const oneProcess: Scenario = {
  name: 'conformance/one-process',
  tools: [conformanceTool],
  needsRoot: false,
  async run(stage) {
    const server = stage.use(await startBreakwater({ dataFolder: join(stage.folder, 'data') }))
    await checkConformance(stage, server, server.host)
  },
}
