import { describe, expect, it } from 'vitest'
import { checkAge, checkLoss } from './checks.ts'
import { freshness } from './generation.ts'
import { ImportRefused } from './refusal.ts'

const now = new Date('2026-11-25T12:00:00Z')
const before = (ms: number) => ({ builtAt: new Date(now.getTime() - ms) })
const hour = 3_600_000

describe('age', () => {
  it('may be any that is not older than what is in use, or in the future', () => {
    expect(() => checkAge(before(0), undefined, { force: false, now })).not.toThrow()
    expect(() => checkAge(before(9_000 * hour), undefined, { force: false, now })).not.toThrow()
    expect(() => checkAge(before(hour), before(hour), { force: false, now })).not.toThrow()
    expect(() => checkAge(before(-60_000), before(hour), { force: false, now })).not.toThrow()
  })

  it('is refused when it is older, until told otherwise', () => {
    expect(() => checkAge(before(2 * hour), before(hour), { force: false, now })).toThrow(ImportRefused)
    expect(() => checkAge(before(2 * hour), before(hour), { force: true, now })).not.toThrow()
  })

  it('is refused in the future, whatever is told', () => {
    for (const force of [false, true]) {
      expect(() => checkAge(before(-hour), undefined, { force, now })).toThrow(/in the future/)
    }
  })

  it('alerts after a day and is stale after a week', () => {
    expect(freshness(before(24 * hour), now)).toBe('fresh')
    expect(freshness(before(24 * hour + 1), now)).toBe('alert')
    expect(freshness(before(7 * 24 * hour), now)).toBe('alert')
    expect(freshness(before(7 * 24 * hour + 1), now)).toBe('stale')
  })
})

describe('loss', () => {
  const current = { 'debian 12': 900, 'npm::x': 100 }

  it('is borne up to a twentieth', () => {
    expect(() => checkLoss({ 'debian 12': 850, 'npm::x': 100 }, current, false)).not.toThrow()
    expect(() => checkLoss({ 'debian 12': 849, 'npm::x': 100 }, current, false)).toThrow(/5 % fewer/)
    expect(() => checkLoss({ 'debian 12': 1, 'npm::x': 1 }, current, true)).not.toThrow()
  })

  it('is never borne of a whole source', () => {
    expect(() => checkLoss({ 'debian 12': 5_000 }, current, false)).toThrow(/nothing of npm::x/)
    expect(() => checkLoss({ 'debian 12': 5_000, 'npm::x': 0 }, current, false)).toThrow(/nothing of npm::x/)
    expect(() => checkLoss({ 'debian 12': 900, 'npm::x': 100 }, { ...current, gone: 0 }, false)).not.toThrow()
    expect(() => checkLoss({}, {}, false)).not.toThrow()
  })
})
