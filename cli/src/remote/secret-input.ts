import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError } from '../usage-error.ts'

/** A secret from standard input: all of it, without the line's end. */
export async function secretFromStdin(): Promise<string> {
  return checked(await text(process.stdin), 'standard input')
}

/** A secret from a file, without the line's end; `-` is standard input. */
export async function secretFromFile(path: string): Promise<string> {
  return path === '-' ? secretFromStdin() : checked(await readFile(path, 'utf8'), path)
}

function checked(content: string, origin: string): string {
  const secret = content.replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError(`${origin} is empty; it has to hold the password.`)
  if (/[\r\n]/.test(secret))
    throw new UsageError(`${origin} holds more than one line; it has to hold the password only.`)
  return secret
}

/** Asks at the terminal, showing nothing of what is typed. `otherwise`: what to do where there is no terminal. */
export async function askSecret(question: string, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(otherwise)
  process.stdin.setRawMode(true)
  process.stderr.write(question)
  try {
    return await readTyped()
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stderr.write('\n')
  }
}

const keys = { enter: ['\r', '\n', '\u0004'], interrupt: '\u0003', erase: ['\u007F', '\b'] } as const

async function readTyped(): Promise<string> {
  const typed: string[] = []
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin.iterator({ destroyOnReturn: false })) {
    for (const key of String(chunk)) {
      if (key === keys.interrupt) throw new Error('Interrupted.')
      if (keys.enter.includes(key as '\r')) return typed.join('')
      if (keys.erase.includes(key as '\b')) typed.pop()
      else typed.push(key)
    }
  }
  return typed.join('')
}
