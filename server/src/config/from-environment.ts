import { configVariable, type Setting } from './catalogue.ts'
import { closest } from './closest.ts'
import type { Given, Source } from './given.ts'
import type { ConfigProblem } from './problem.ts'
import type { Annotations } from './setting.ts'

// Kubernetes describes each Service of a namespace to its pods in variables of this form; a Service named
// `breakwater` must not end the start.
const serviceLink =
  /^BREAKWATER(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/

/** Reads the `BREAKWATER_*` variables; others are none of the configuration's business. */
export function readEnvironment(env: NodeJS.ProcessEnv, settings: readonly Setting[]): Source {
  const given: Given[] = []
  const problems: ConfigProblem[] = []
  const byVariable = new Map(settings.map((setting) => [setting.variable, setting]))
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('BREAKWATER_') || variable === configVariable || text === undefined) continue
    const setting = byVariable.get(variable)
    if (setting) given.push({ key: setting.key, value: typed(text, setting), place: variable })
    else if (!serviceLink.test(variable)) problems.push(unknown(variable, [...byVariable.keys(), configVariable]))
  }
  return { given, problems }
}

/** What OpenTelemetry has a name for; our own settings count before it. */
export function standardVariables(env: NodeJS.ProcessEnv): Given[] {
  const place = 'OTEL_EXPORTER_OTLP_ENDPOINT'
  const value = env[place]
  return value ? [{ key: 'traces.endpoint', value, place }] : []
}

/** Variables are text; numbers and flags among the settings are not. */
function typed(text: string, setting: Annotations): unknown {
  if (typeof setting.default === 'number' && /^\d+$/.test(text)) return Number(text)
  if (typeof setting.default === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function unknown(variable: string, known: readonly string[]): ConfigProblem {
  const near = closest(variable, known)
  const remedy = near ? `Did you mean ${near}?` : 'Unset it; `breakwater config` lists the variables that exist.'
  return { place: variable, key: variable, message: 'unknown variable', remedy }
}
