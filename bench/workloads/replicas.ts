import { startBeside, startBreakwater } from '../lib/breakwater.ts'
import { measurePushAndPull } from '../lib/push-and-pull.ts'
import type { System } from '../lib/system.ts'
import { startField, type Workload } from '../lib/workload.ts'

/** Two processes on one database and one filesystem store, measured together. */
async function startTwo(): Promise<System> {
  await using starting = new AsyncDisposableStack()
  const first = starting.use(await startBreakwater())
  const second = starting.use(await startBeside(first))
  const started = starting.move()
  return { ...first, replicas: [second], [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** What it costs that requests meet two processes in turn. Breakwater only. */
export const replicas: Workload = {
  name: 'replicas',
  run: async (settings, measure) => {
    if (settings.system === 'distribution') return
    await using field = await startField(settings, [
      { label: 'two processes', name: 'breakwater', start: startTwo },
      { label: 'one process', name: 'breakwater', start: startBreakwater },
    ])
    await measurePushAndPull(field, settings, measure, 'replicas')
  },
}
