import { RegistryError } from '@breakwater/oci'
import { isFitPassword } from './user-rules.ts'

const never = -1
const robotName = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/

/** The bare name, without project and prefix. Throws BAD_REQUEST, as all of these do. */
export function checkRobotName(name = ''): string {
  if (name.length <= 255 && robotName.test(name)) return name
  throw new RegistryError('BAD_REQUEST', 'robot name is not in lower case or contains illegal characters')
}

/** A secret of somebody's choice by the rule for passwords; an empty one asks for a new one. */
export function checkChosenSecret(secret = ''): string {
  if (secret === '' || isFitPassword(secret)) return secret
  throw new RegistryError(
    'BAD_REQUEST',
    'the secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number',
  )
}

export function checkLevel(level: string | undefined): 'system' | 'project' {
  if (level === 'system' || level === 'project') return level
  throw new RegistryError('BAD_REQUEST', `bad request error level input: ${level ?? ''}`)
}

/** A year has 365 days; more than these would not end within anybody's life. */
const longest = 365_000

/** Days; -1 never ends. */
export function checkDuration(days: number): number {
  if (days === never || (days > 0 && days <= longest)) return days
  throw new RegistryError(
    'BAD_REQUEST',
    `bad request error duration input: ${days}, duration must be either -1(Never) or a positive integer`,
  )
}
