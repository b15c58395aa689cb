import { describe, expect, it } from 'vitest'
import type { Principal } from '../identity/index.ts'
import { type AccessFacts, decide, heldActions } from './decide.ts'
import { isRole } from './role.ts'

const user: Principal = { kind: 'user', id: 3, name: 'u', revision: 2, credential: 'basic' }
const nobody: Principal = { kind: 'anonymous', credential: 'none' }
const facts: AccessFacts = {
  project: { id: 1, public: false },
  account: { revision: 2, systemAdmin: false },
  roles: [2],
  granted: [],
}
const open = { id: 1, public: true }

describe('a decision', () => {
  it.each<[string, Principal, Partial<AccessFacts>, 'pull' | 'push' | 'delete', string]>([
    ['by role', user, {}, 'push', 'allowed'],
    ['beyond the role', user, {}, 'delete', 'denied'],
    ['without role', user, { roles: [] }, 'pull', 'denied'],
    ['without role where all may', user, { roles: [], project: open }, 'pull', 'allowed'],
    ['without role where all may pull only', user, { roles: [], project: open }, 'push', 'denied'],
    ['of an administrator', user, { roles: [], account: { revision: 2, systemAdmin: true } }, 'delete', 'allowed'],
    ['after the account has changed', user, { account: { revision: 3, systemAdmin: true } }, 'pull', 'stale'],
    ['after the account has gone', user, { account: undefined }, 'pull', 'stale'],
    ['in no project', user, { project: undefined, roles: [] }, 'pull', 'denied'],
    ['of nobody', nobody, { account: undefined, roles: [] }, 'pull', 'login'],
    ['of nobody where all may', nobody, { account: undefined, roles: [], project: open }, 'pull', 'allowed'],
    ['of nobody where all may pull only', nobody, { account: undefined, roles: [], project: open }, 'push', 'login'],
  ])('%s', (_, who, changed, action, decision) => {
    expect(decide(who, { ...facts, ...changed }, action, 'p/r')).toBe(decision)
  })

  it('never exceeds what a token was asked for, and names repositories exactly', () => {
    const grants = [{ name: 'p/r', actions: ['pull'] }]
    const token: Principal = { ...user, credential: 'token', grants }
    expect(decide(token, facts, 'pull', 'p/r')).toBe('allowed')
    expect(decide(token, facts, 'push', 'p/r')).toBe('scope')
    for (const name of ['p/r2', 'p', 'p/r/s']) expect(decide(token, facts, 'pull', name)).toBe('scope')
    expect(decide({ ...token, grants: [] }, facts, 'pull', 'p/r')).toBe('scope')
  })

  it('does not let a token keep what the role has lost', () => {
    const token: Principal = {
      ...user,
      credential: 'token',
      grants: [{ name: 'p/r', actions: ['pull', 'push', 'delete'] }],
    }
    expect(decide(token, { ...facts, roles: [3] }, 'push', 'p/r')).toBe('denied')
  })
})

it('what is held does not depend on a token', () => {
  const token: Principal = { ...user, credential: 'token', grants: [] }
  expect(heldActions(token, facts)).toEqual(['pull', 'push'])
})

it('roles are those that Harbor has', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1.5, -1, Number.NaN].filter(isRole)).toEqual([1, 2, 3, 4, 5])
})
