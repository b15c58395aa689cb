import type { Finding } from '@breakwater/server'
import type { Command } from 'commander'
import { type CommonOptions, command, configSource, type Finish, print, printJson } from '../command.ts'
import { exitCode } from '../exit-code.ts'

const marks = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const

/** `breakwater doctor`: what is wrong with the installation, and what to do. */
export function doctorCommand(finish: Finish): Command {
  return command('doctor', 'Check configuration, database, store, clock, disk and certificates.', [
    'breakwater doctor',
    'breakwater doctor --json',
  ]).action(async (options: CommonOptions) => {
    const { ConfigError, diagnose, loadConfig } = await import('@breakwater/server')
    let findings: readonly Finding[]
    let code: number
    try {
      findings = await diagnose(loadConfig(configSource(options)))
      code = findings.some(({ status }) => status === 'failed') ? exitCode.failed : exitCode.ok
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      findings = error.problems.map(({ place, key, message, remedy }) => {
        const where = place === key ? place : `${place}: ${key}`
        return { check: 'configuration', status: 'failed', message: `${where}: ${message}`, remedy }
      })
      code = exitCode.usage
    }
    if (options.json) printJson(findings)
    else print(report(findings))
    finish(code)
  })
}

function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, status, message, remedy }) => {
    const head = `${marks[status]}  ${check.padEnd(width)}  `
    return remedy === undefined ? [head + message] : [head + message, `${' '.repeat(head.length)}${remedy}`]
  })
  const wrong = findings.filter(({ status }) => status !== 'ok').length
  return [
    ...lines,
    '',
    wrong === 0 ? 'Nothing is wrong.' : `${wrong} of ${findings.length} checks found something.`,
  ].join('\n')
}
