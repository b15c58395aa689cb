import type { Randomness } from './randomness.ts'

/** A version that is near another in some way, as those are where orders differ. */
export type Mutation = (version: string, random: Randomness) => string

const numbers = /\d+/g

/** Changes the last number, or any one, by a little. */
const near: Mutation = (version, random) => {
  const places = [...version.matchAll(numbers)]
  if (places.length === 0) return `${version}1`
  const place = random.below(2) === 0 ? places.at(-1) : random.pick(places)
  const [digits = '0'] = place ?? []
  const changed = String(Math.max(0, Number(digits.slice(0, 9)) + random.pick([-1, 1, 1, 10])))
  return version.slice(0, place?.index) + changed + version.slice((place?.index ?? 0) + digits.length)
}

const same: Mutation = (version) => version
const shorter: Mutation = (version) => version.replace(/[.+~-][^.+~-]*$/, '')
/** Leading zeros, but for the epoch, where nobody writes them. */
const zeros: Mutation = (version) => version.replaceAll(/(?<!^)(?<!\d)\d+/g, (digits) => `0${digits}`)
const longer =
  (...endings: readonly string[]): Mutation =>
  (version, random) =>
    version + random.pick(endings)

/** Alpine's revision, `-r1`, comes last, and a suffix only after digits. */
const beforeRevision =
  (...endings: readonly string[]): Mutation =>
  (version, random) => {
    const [, upstream = version, revision = ''] = /^(.*?)(-r\d+)?$/.exec(version) ?? []
    return /[a-z_]/.test(upstream) ? version : `${upstream}${random.pick(endings)}${revision}`
  }

/** What maintainers of the format really write. */
export const mutations: Readonly<Record<'deb' | 'rpm' | 'apk' | 'npm' | 'pip' | 'gem' | 'go', readonly Mutation[]>> = {
  deb: [same, near, near, shorter, zeros, longer('~', '~rc1', '~deb10u1', '+b1', '+deb11u1', '.1', 'a', '-1')],
  rpm: [same, near, near, longer('~rc1', '^git1', '.1', 'a', '_1', '.el8_5')],
  apk: [same, near, near, beforeRevision('_rc1', '_p1', '_git20190101', 'a', '.1')],
  npm: [same, near, near, longer('-rc.1', '-alpha', '-beta.2', '+build.5')],
  pip: [same, near, near, shorter, longer('rc1', 'a2', '.post1', '.dev3', '+local.1', '.0')],
  gem: [same, near, near, shorter, longer('.rc1', '.pre', '.0', '.a')],
  go: [same, near, near, longer('-rc.1', '-0.20200101000000-abcdefabcdef', '+incompatible')],
}

/** A version near one of `versions`, in the way of this format. */
export function mutated(format: keyof typeof mutations, versions: readonly string[], random: Randomness): string {
  return random.pick(mutations[format])(random.pick(versions), random)
}
