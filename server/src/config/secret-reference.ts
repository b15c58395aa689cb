import { readFileSync } from 'node:fs'
import { Secret } from './secret.ts'

export type Resolved = { readonly secret: Secret } | { readonly problem: string; readonly remedy: string }

/**
 * Follows `file:PATH` and `env:NAME`; any other text is the secret itself. One trailing line break of a file or
 * variable is not part of the secret. A secret that itself begins with `file:` or `env:` has to be kept in a file.
 */
export function resolveSecret(text: string, env: NodeJS.ProcessEnv): Resolved {
  const [, scheme, target = ''] = /^(file|env):(.*)$/s.exec(text) ?? []
  if (scheme === 'file') return fromFile(target)
  if (scheme === 'env') return fromEnvironment(target, env)
  return { secret: new Secret(text) }
}

function fromFile(path: string): Resolved {
  try {
    return { secret: new Secret(withoutLineBreak(readFileSync(path, 'utf8')), { kind: 'file', path }) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return {
      problem: `the secret file ${path} cannot be read (${code})`,
      remedy: 'Correct the path after file: or make the file readable by the user that runs breakwater.',
    }
  }
}

function fromEnvironment(name: string, env: NodeJS.ProcessEnv): Resolved {
  const value = env[name]
  if (value === undefined) {
    return {
      problem: `the environment variable ${name} is not set`,
      remedy: 'Set the variable, or correct the name after env:.',
    }
  }
  return { secret: new Secret(withoutLineBreak(value), { kind: 'env', name }) }
}

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '')
}
