import { type TObject, Type } from 'typebox'
import { Value } from 'typebox/value'
import { configVariable, type Setting, settingsOf } from './catalogue.ts'
import { readEnvironment, standardVariables } from './from-environment.ts'
import { readConfigFile } from './from-file.ts'
import type { Given } from './given.ts'
import { ConfigError, type ConfigProblem } from './problem.ts'
import { groupProblems, plainHttpProblem } from './rules.ts'
import { type Config, schema } from './schema.ts'
import { resolveSecret } from './secret-reference.ts'
import { storeProblems } from './store-rules.ts'

export interface LoadOptions {
  /** YAML file; `BREAKWATER_CONFIG` names it otherwise. */
  readonly file?: string
  readonly env: NodeJS.ProcessEnv
}

/** A setting with the text it holds now, `[secret]` for secrets, and where that comes from. */
export interface EffectiveSetting {
  readonly key: string
  readonly value: string | number | boolean
  /** `file:line:column`, the name of a variable, or `default`. */
  readonly place: string
}

export interface LoadedConfig {
  readonly config: Config
  readonly settings: readonly EffectiveSetting[]
}

const settings = settingsOf(schema)

/** The configuration from defaults, file and environment; the later wins. Throws `ConfigError` with all problems. */
export function loadConfig(options: LoadOptions): Config {
  return readConfig(options).config
}

/** As `loadConfig`, with the place of each value. */
export function readConfig({ file, env }: LoadOptions): LoadedConfig {
  const named = file ?? env[configVariable]
  const fromFile = named ? readConfigFile(named, schema) : { given: [], problems: [] }
  const fromEnvironment = readEnvironment(env, settings)
  const problems = [...fromFile.problems, ...fromEnvironment.problems]

  const given = new Map<string, Given>()
  for (const { key, default: value } of settings) {
    if (value !== undefined) given.set(key, { key, value, place: 'default' })
  }
  for (const one of [...standardVariables(env), ...fromFile.given, ...fromEnvironment.given]) given.set(one.key, one)

  const raw = emptyGroups(schema)
  for (const setting of settings) {
    const found = given.get(setting.key)
    if (!found) continue
    const checked = check(setting, found, env)
    if ('problem' in checked) problems.push(checked.problem)
    else place(raw, setting.key, checked.value)
  }
  problems.push(...groupProblems(settings, given))
  if (problems.length > 0) throw new ConfigError(problems)

  const config: Config = Value.Decode(schema, raw)
  const placeOf = (key: string) => given.get(key)?.place ?? 'default'
  const exposed = plainHttpProblem(config, placeOf('listen'))
  const unfit = [...(exposed ? [exposed] : []), ...storeProblems(config.store, placeOf)]
  if (unfit.length > 0) throw new ConfigError(unfit)
  return { config, settings: settings.flatMap((setting) => effective(setting, given)) }
}

/** Groups that have to be there also when none of their settings is given. */
function emptyGroups({ properties }: TObject): Record<string, unknown> {
  const groups = Object.entries(properties).filter(([, property]) => !Type.IsOptional(property))
  return Object.fromEntries(
    groups.flatMap(([name, property]) => (Type.IsObject(property) ? [[name, emptyGroups(property)]] : [])),
  )
}

type Checked = { readonly value: unknown } | { readonly problem: ConfigProblem }

function check(setting: Setting, { key, place, value }: Given, env: NodeJS.ProcessEnv): Checked {
  const resolved = setting.secret && typeof value === 'string' ? resolveSecret(value, env) : undefined
  if (resolved && 'problem' in resolved) {
    return { problem: { place, key, message: resolved.problem, remedy: resolved.remedy } }
  }
  const checked = resolved ? resolved.secret : value
  if (Value.Check(setting.schema, checked)) return { value: checked }
  const shown = setting.secret ? 'the value given is not usable' : `${JSON.stringify(value)} is not usable`
  const unquoted =
    typeof value !== 'string' && !('problem' in check(setting, { key, place, value: String(value) }, env))
  const remedy = unquoted ? 'Put the value in quotes.' : `Expected ${setting.accepts}.`
  return { problem: { place, key, message: shown, remedy } }
}

function place(target: Record<string, unknown>, key: string, value: unknown): void {
  const [name = '', ...rest] = key.split('.')
  if (rest.length === 0) {
    target[name] = value
    return
  }
  const inner = (target[name] ?? {}) as Record<string, unknown>
  target[name] = inner
  place(inner, rest.join('.'), value)
}

function effective({ key, secret }: Setting, given: ReadonlyMap<string, Given>): EffectiveSetting[] {
  const found = given.get(key)
  if (!found) return []
  return [{ key, value: secret ? '[secret]' : (found.value as string | number | boolean), place: found.place }]
}
