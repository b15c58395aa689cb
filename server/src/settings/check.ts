import { RegistryError } from '@breakwater/oci'
import { defaultSettings, type RuntimeSettings } from './runtime-settings.ts'

/** Numbers that Harbor's portal can show: ten digits. */
const longest = 9_999_999_999

/** Days; a thousand years. */
const longestRobot = 365_000

const rules: { readonly [K in keyof RuntimeSettings]: (value: RuntimeSettings[K]) => string | undefined } = {
  project_creation_restriction: (value) =>
    value === 'everyone' || value === 'adminonly'
      ? undefined
      : item('project_creation_restriction', 'invalid project_creation_restriction, should be adminonly or everyone'),
  read_only: () => undefined,
  self_registration: () => undefined,
  token_expiration: (value) => positive('token_expiration', value),
  robot_token_duration: (value) => positive('robot_token_duration', value, longestRobot),
  robot_name_prefix: (value) =>
    value.trim() !== '' && !/[:\p{Cc}]/u.test(value)
      ? undefined
      : item('robot_name_prefix', 'a prefix is at least one character, and none of them is a colon or a control'),
  session_timeout: (value) => positive('session_timeout', value),
  banner_message: () => undefined,
}

function item(key: string, problem: string): string {
  return `bad request: item name ${key}: ${problem}`
}

function positive(key: string, value: number, most = longest): string | undefined {
  if (value <= 0) return `the ${key} value must be positive`
  return value > most ? `the ${key} value is over the limit value: ${most}` : undefined
}

/** The settings among `given`, whose types are right already. Throws BAD_REQUEST, in Harbor's words where it has some. */
export function checkSettings(given: Readonly<Record<string, unknown>>): Partial<RuntimeSettings> {
  const known = Object.keys(defaultSettings).filter((key) => given[key] !== undefined) as (keyof RuntimeSettings)[]
  for (const key of known) {
    const problem = (rules[key] as (value: unknown) => string | undefined)(given[key])
    if (problem) throw new RegistryError('BAD_REQUEST', problem)
  }
  return Object.fromEntries(known.map((key) => [key, given[key]]))
}
