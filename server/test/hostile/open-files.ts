import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { blobOf } from '../content.ts'
import type { TestRegistry } from '../registry.ts'

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}

/** Connections to the database that come and go by themselves. */
const pooled = 12

/** The descriptors of this process once the registry has started the threads that it keeps. */
export async function restingFiles(registry: TestRegistry): Promise<number> {
  const pushes = Array.from({ length: 4 }, () => {
    const { digest, bytes } = blobOf(randomBytes(1 << 20))
    return registry.ask('POST', `/v2/library/rest/blobs/uploads/?digest=${digest}`, { body: bytes })
  })
  for (const { status } of await Promise.all(pushes)) expect(status).toBe(201)
  await wait(50)
  return openFiles()
}

/** Waits until as few descriptors are open as before, give or take the pool's; fails after five seconds. */
export async function expectNoLeak(before: number): Promise<void> {
  for (let tries = 0; tries < 50 && openFiles() > before + pooled; tries += 1) await wait(100)
  expect(openFiles()).toBeLessThanOrEqual(before + pooled)
}
