import type { HandlersOf } from '../operation.ts'

export const pingHandlers: HandlersOf<'getPing'> = {
  getPing: async () => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'Pong' }),
}
