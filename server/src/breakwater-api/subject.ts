import type { Subject } from '../access/index.ts'
import { anonymous, type Principal } from '../identity/index.ts'
import type { Db } from '../metadata/index.ts'
import { findGrants, findMemberships, findRobotState, findUserState } from './queries.ts'

/** Somebody as a request names them; a robot without the prefix. */
export type Asked = { readonly kind: 'anonymous' } | { readonly kind: 'user' | 'robot'; readonly name: string }

/** Reads `user:NAME`, `robot:NAME`, `<prefix>NAME`, `anonymous`, or the name of a user. */
export function readWho(text: string, robotPrefix: string): Asked {
  const bare = (name: string) => (name.startsWith(robotPrefix) ? name.slice(robotPrefix.length) : name)
  if (text === 'anonymous') return { kind: 'anonymous' }
  if (text.startsWith('user:')) return { kind: 'user', name: text.slice('user:'.length) }
  if (text.startsWith('robot:')) return { kind: 'robot', name: bare(text.slice('robot:'.length)) }
  return text.startsWith(robotPrefix) ? { kind: 'robot', name: bare(text) } : { kind: 'user', name: text }
}

/** As the ledger names them. */
export function writeWho(asked: Asked): string {
  return asked.kind === 'anonymous' ? 'anonymous' : `${asked.kind}:${asked.name}`
}

export function isSame(asked: Asked, who: Principal): boolean {
  if (asked.kind === 'anonymous' || who.kind === 'anonymous') return asked.kind === who.kind
  return asked.kind === who.kind && asked.name.toLowerCase() === who.name.toLowerCase()
}

const nothing = { unusable: undefined, systemAdmin: false, memberships: [], grants: [] }

export interface Found {
  readonly subject: Subject
  /** Whether somebody who knows the project only may hear of the account. */
  readonly known: boolean
}

/** The account and its part in a project (undefined: in no project), or in the system. */
export function findSubject(db: Db, asked: Asked, where: number | 'system' | undefined): Promise<Found> {
  if (asked.kind === 'user') return findUserSubject(db, asked.name, where)
  if (asked.kind === 'robot') return findRobotSubject(db, asked.name, where)
  return Promise.resolve({ subject: { ...nothing, who: anonymous }, known: true })
}

/** Somebody of whom nothing is told. */
export function stranger(asked: Asked): Subject {
  if (asked.kind === 'anonymous') return { ...nothing, who: anonymous }
  const { kind, name } = asked
  return { ...nothing, who: { kind, name, id: 0, revision: 0, credential: 'basic' }, unusable: 'does not exist' }
}

async function findUserSubject(db: Db, name: string, where: number | 'system' | undefined): Promise<Found> {
  const found = await findUserState(db, name)
  if (!found) return { subject: stranger({ kind: 'user', name }), known: false }
  const { deletedAt, systemAdmin } = found
  const memberships = typeof where === 'number' ? await findMemberships(db, found.id, where) : []
  return {
    subject: {
      ...nothing,
      who: { kind: 'user', id: found.id, name: found.name, revision: found.revision, credential: 'basic' },
      unusable: deletedAt ? `was deleted on ${deletedAt.toISOString()}` : undefined,
      systemAdmin,
      memberships,
    },
    known: !deletedAt,
  }
}

async function findRobotSubject(db: Db, name: string, where: number | 'system' | undefined): Promise<Found> {
  const found = await findRobotState(db, name)
  if (!found) return { subject: stranger({ kind: 'robot', name }), known: false }
  const { id, revision, disabled, expiredAt } = found
  const grants = where === undefined ? [] : await findGrants(db, id, where)
  const expired = expiredAt && `expired on ${expiredAt.toISOString()}`
  return {
    subject: {
      ...nothing,
      who: { kind: 'robot', id, name, revision, credential: 'basic' },
      unusable: disabled ? 'is disabled' : expired,
      grants,
    },
    known: found.projectId === where || grants.length > 0,
  }
}
