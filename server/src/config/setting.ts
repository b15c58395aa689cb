import { resolve } from 'node:path'
import { type TSchema, Type } from 'typebox'
import {
  formatListenAddress,
  type ListenAddress,
  parseListenAddress,
  parseNetworks,
  parseOrigin,
  parseServiceUrl,
} from './address.ts'
import { Secret } from './secret.ts'
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts'
import { formatVulndbSource, parseVulndbSources, type VulndbSource } from './vulndb-source.ts'

/** What every setting says about itself; the reference page and the error messages are made of it. */
export interface SettingText {
  readonly description: string
  /** A value as it would be written in the file, for settings without a default. */
  readonly example?: string
}

export interface Annotations extends SettingText {
  readonly default?: string | number | boolean
  /** What a value may be, as the end of the sentence "expected …". */
  readonly accepts: string
  readonly secret?: true
}

/** The annotations of a setting's schema; only the functions of this file make such schemas. */
export function annotationsOf(schema: TSchema): Annotations {
  return schema as TSchema & Annotations
}

type WithDefault = SettingText & { readonly default?: string }
interface Bounds {
  readonly min: string
  readonly max: string
}

function text<T>(annotations: Annotations, read: (text: string) => T | undefined, write: (value: T) => string) {
  const readable = Type.Refine(Type.String({ ...annotations }), (value) => read(value) !== undefined)
  return Type.Codec(readable)
    .Decode((value): T => {
      const result = read(value)
      if (result === undefined) throw new RangeError(`expected ${annotations.accepts}`)
      return result
    })
    .Encode(write)
}

/** A file or folder; relative ones are taken from the working directory and become absolute. */
export function path(about: WithDefault) {
  return text(
    { ...about, accepts: 'a path' },
    (value) => (value === '' ? undefined : resolve(value)),
    (value) => value,
  )
}

export function listenAddress(about: WithDefault) {
  const accepts = 'host:port, with an IPv6 address in brackets, such as 127.0.0.1:8080 or [::1]:8080'
  return text<ListenAddress>({ ...about, accepts }, parseListenAddress, formatListenAddress)
}

export function networks(about: WithDefault) {
  const accepts = 'IP addresses or networks between commas, such as 127.0.0.1,10.0.0.0/8'
  return text({ ...about, accepts }, parseNetworks, (value) => value.join(','))
}

export function origin(about: WithDefault) {
  const accepts = 'an http or https origin without a path, such as https://registry.example.com'
  return text({ ...about, accepts }, parseOrigin, (value) => value)
}

/** The address of a service; a path is kept, a slash at its end is not. */
export function serviceUrl(about: WithDefault) {
  const accepts = 'an http or https address, such as https://s3.example.com'
  return text({ ...about, accepts }, parseServiceUrl, (value) => value)
}

/** A name in somebody else's grammar, of which only the characters are checked. */
export function name(about: WithDefault & { readonly accepts: string }, pattern: RegExp) {
  return text(
    about,
    (value) => (pattern.test(value) ? value : undefined),
    (value) => value,
  )
}

export function vulndbSources(about: WithDefault) {
  const accepts = 'oci:HOST/NAME:TAG or file:/PATH, several between commas, or none'
  const write = (sources: readonly VulndbSource[]) => sources.map(formatVulndbSource).join(',') || 'none'
  return text({ ...about, accepts }, parseVulndbSources, write)
}

/** A size with a unit; becomes bytes. */
export function size(about: WithDefault & Bounds) {
  const { min, max, ...rest } = about
  const accepts = `a size with a unit (B, KiB, MiB, GiB, TiB) from ${min} to ${max}`
  return text({ ...rest, accepts }, within(parseSize, min, max), formatSize)
}

/** A duration with a unit; becomes milliseconds. */
export function duration(about: WithDefault & Bounds) {
  const { min, max, ...rest } = about
  const accepts = `a duration with a unit (ms, s, m, h, d) from ${min} to ${max}`
  return text({ ...rest, accepts }, within(parseDuration, min, max), formatDuration)
}

function within(parse: (text: string) => number | undefined, min: string, max: string) {
  const [least = 0, most = 0] = [parse(min), parse(max)]
  return (value: string): number | undefined => {
    const amount = parse(value)
    return amount !== undefined && amount >= least && amount <= most ? amount : undefined
  }
}

export function whole(about: SettingText & { readonly default: number; readonly min: number; readonly max: number }) {
  const { min, max, ...rest } = about
  return Type.Integer({ ...rest, minimum: min, maximum: max, accepts: `a whole number from ${min} to ${max}` })
}

export function flag(about: SettingText & { readonly default: boolean }) {
  return Type.Boolean({ ...about, accepts: 'true or false' })
}

export function choice<const Choices extends string[]>(
  choices: readonly [...Choices],
  about: SettingText & { readonly default: Choices[number] },
) {
  return Type.Enum(choices, { ...about, accepts: choices.length > 1 ? `one of ${choices.join(', ')}` : choices.join() })
}

/** A value that is never shown, given literally or by reference; `valid` judges the value that a reference leads to. */
export function secret(about: SettingText & { readonly accepts: string }, valid: (value: string) => boolean) {
  const annotations = { ...about, secret: true } as const
  const revealed = Type.Unsafe<Secret>(annotations)
  return Type.Refine(revealed, (value) => value instanceof Secret && valid(value.reveal()))
}
