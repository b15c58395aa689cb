import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import type { Db } from '../metadata/index.ts'
import { findRobotByName } from './queries.ts'

/**
 * Robots' secrets are long and random, so a keyed hash is enough, and cheap: whoever has the database can't check
 * guesses without the key.
 */
export interface RobotSecrets {
  hash(secret: string): Buffer
  matches(hash: Buffer, secret: string): boolean
}

export function createRobotSecrets(key: Uint8Array): RobotSecrets {
  const hash = (secret: string) => createHmac('sha256', key).update(secret).digest()
  return { hash, matches: (stored, secret) => timingSafeEqual(stored, hash(secret)) }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** 32 letters and digits, with at least one of each kind that Harbor's rule asks for. */
export function generateRobotSecret(): string {
  for (;;) {
    const secret = Array.from({ length: 32 }, () => letters[randomInt(letters.length)]).join('')
    if (/[A-Z]/.test(secret) && /[a-z]/.test(secret) && /\d/.test(secret)) return secret
  }
}

/** A robot that may log in: neither disabled nor expired. `name`: without the prefix, `project+robot` or `robot`. */
export async function checkRobot(
  db: Db,
  secrets: RobotSecrets,
  name: string,
  secret: string,
): Promise<{ readonly id: number; readonly revision: number } | undefined> {
  const robot = await findRobotByName(db, name)
  // An unknown robot takes as long as a wrong secret.
  const right = secrets.matches(robot?.secretHash ?? Buffer.alloc(32), secret)
  return robot?.active && right ? robot : undefined
}
