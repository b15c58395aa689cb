import { describe, expect, it } from 'vitest'
import type { Exit, Postmaster } from './postmaster.ts'
import { supervise } from './supervise.ts'

interface Planned extends Postmaster {
  die(exit: Exit): void
}

function planned(pid: number, ready: Promise<void> = Promise.resolve()): Planned {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  ready.catch(() => undefined)
  return {
    pid,
    ready,
    exited: promise,
    die: resolve,
    async stop() {
      resolve({ code: 0, signal: null })
    },
  }
}

const killed: Exit = { code: null, signal: 'SIGKILL' }

describe('supervise', () => {
  it('starts it again however often it dies', async () => {
    let starts = 0
    const lines: string[] = []
    const start = () => {
      starts += 1
      const run = planned(starts)
      if (starts < 20) setTimeout(() => run.die(killed), 1)
      return run
    }
    const supervised = await supervise(start, (line) => lines.push(line), 0.1)
    await expect.poll(() => supervised.pid, { timeout: 5_000 }).toBe(20)
    await supervised.stop()
    expect(lines.filter((line) => line.includes('ended unexpectedly (signal SIGKILL)'))).toHaveLength(19)
  })

  it('gives up after six failed starts in a row, with the last exit', async () => {
    let starts = 0
    const first = planned(1)
    const lines: string[] = []
    const start = () => {
      starts += 1
      return starts === 1 ? first : planned(starts, Promise.reject(new Error('ended while starting')))
    }
    const supervised = await supervise(start, (line) => lines.push(line), 0.1)
    first.die(killed)
    expect(await supervised.exited).toEqual({ code: 0, signal: null })
    expect(starts).toBe(8)
    expect(lines.at(-1)).toBe('PostgreSQL could not be started 7 times in a row (exit code 0) and is given up')
  })

  it('counts a restart that cannot be made as one that failed', async () => {
    let starts = 0
    const first = planned(1)
    const start = () => {
      starts += 1
      if (starts === 1) return first
      if (starts === 2) throw new Error('no such program')
      if (starts === 3) return planned(3, Promise.reject(new Error('ended while starting')))
      return planned(4)
    }
    const lines: string[] = []
    const supervised = await supervise(start, (line) => lines.push(line), 1)
    first.die(killed)
    await expect.poll(() => supervised.pid).toBe(4)
    await supervised.stop()
    expect(lines).toContain('Error: no such program')
    expect(lines).toContain('Error: ended while starting')
  })

  it('does not start it again when it was stopped', async () => {
    const runs = [planned(1), planned(2)]
    const supervised = await supervise(
      () => runs.shift() ?? planned(3),
      () => undefined,
      1,
    )
    await supervised.stop()
    expect(await supervised.exited).toEqual({ code: 0, signal: null })
    expect(supervised.pid).toBe(1)
  })

  it('rejects when the first start fails, and leaves nothing behind', async () => {
    const run = planned(1, Promise.reject(new Error('ended while starting')))
    await expect(
      supervise(
        () => run,
        () => undefined,
      ),
    ).rejects.toThrow('ended while starting')
    expect(await run.exited).toEqual({ code: 0, signal: null })
  })
})
