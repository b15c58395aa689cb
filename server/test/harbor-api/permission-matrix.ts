import type { TestRegistry } from '../registry.ts'
import { isAllowed, type Place, type Probe } from './permission-probes.ts'
import { publicPermissions } from './permission-table.ts'

/** Somebody whose requests are tried. */
export interface Subject {
  readonly title: string
  /** Undefined for nobody. */
  readonly auth: string | undefined
  readonly holds: (permission: string) => boolean
}

/** Whether the request should be answered, in a public place or not. */
function expected(probe: Probe, { auth, holds }: Subject, isPublic: boolean): boolean {
  // Without credentials, every answer of the registry but a token's asks for them.
  if (auth === undefined && probe.ask.includes(' /v2/') && !probe.with) return false
  const has = (permission: string) => holds(permission) || (isPublic && publicPermissions.includes(permission))
  return has(probe.permission) && (probe.needs === undefined || has(probe.needs))
}

/** The requests whose outcome is not what it should be. */
export async function mistakes(
  registry: TestRegistry,
  probes: readonly Probe[],
  subject: Subject,
  place: Place,
  isPublic: boolean,
): Promise<string[]> {
  const found: string[] = []
  const left = [...probes]
  async function work(): Promise<void> {
    for (let probe = left.shift(); probe; probe = left.shift()) {
      const should = expected(probe, subject, isPublic)
      const allowed = await isAllowed(registry, probe, place, subject.auth)
      if (allowed !== should) {
        found.push(
          `${probe.ask}${probe.with ? ' by token' : ''} (${probe.permission}) is ${should ? 'refused' : 'allowed'}`,
        )
      }
    }
  }
  await Promise.all(Array.from({ length: 6 }, work))
  return found.sort()
}

/** What a robot may do that was granted these; whoever may push may pull. */
export function robotHolds(...granted: readonly string[]): Subject['holds'] {
  return (permission) =>
    granted.includes(permission) || (permission === 'repository:pull' && granted.includes('repository:push'))
}
