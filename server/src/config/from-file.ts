import { readFileSync } from 'node:fs'
import { type TObject, Type } from 'typebox'
import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import { settingsOf } from './catalogue.ts'
import { closest } from './closest.ts'
import type { Given, Source } from './given.ts'
import type { ConfigProblem } from './problem.ts'

/** Reads a YAML configuration file; what it holds is matched with the schema's keys, values are not judged here. */
export function readConfigFile(file: string, schema: TObject): Source {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const message = `the configuration file cannot be read (${code})`
    const remedy = 'Correct the path given by --config, BREAKWATER_CONFIG or scrub.healFrom, or make the file readable.'
    return { given: [], problems: [{ place: file, key: file, message, remedy }] }
  }
  return new FileReader(file, text, schema).read()
}

class FileReader {
  readonly #lines = new LineCounter()
  readonly #given: Given[] = []
  readonly #problems: ConfigProblem[] = []
  readonly #document: Document
  readonly #file: string
  readonly #schema: TObject
  readonly #keys: readonly string[]

  constructor(file: string, text: string, schema: TObject) {
    this.#file = file
    this.#schema = schema
    this.#keys = settingsOf(schema).map((setting) => setting.key)
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false })
  }

  read(): Source {
    for (const error of this.#document.errors) {
      this.#problem(error.pos[0], this.#file, `not valid YAML: ${error.message}`, 'Correct the YAML at this place.')
    }
    const root = this.#document.contents
    if (this.#problems.length === 0 && root !== null) {
      if (isMap(root)) this.#readMap(root, this.#schema, '')
      else this.#problem(start(root), this.#file, 'the file holds no keys', 'Write settings as `key: value`.')
    }
    return { given: this.#given, problems: this.#problems }
  }

  #readMap(map: YAMLMap, schema: TObject, prefix: string): void {
    const seen = new Set<string>()
    for (const pair of map.items) {
      const node = isScalar(pair.key) ? pair.key : undefined
      const name = String(node?.value ?? 'null')
      const key = prefix + name
      const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
      const value = isAlias(pair.value) ? pair.value.resolve(this.#document) : pair.value
      if (seen.has(name)) {
        this.#problem(start(node), key, 'is given twice', 'Give each key once.')
      } else if (property === undefined) {
        this.#problem(start(node), key, 'unknown key', this.#suggest(name, prefix, schema))
      } else if (Type.IsObject(property)) {
        if (isMap(value)) this.#readMap(value, property, `${key}.`)
        else if (!isEmpty(value)) this.#problem(start(node), key, 'has to hold keys', `Indent its keys below ${key}.`)
      } else if (isScalar(value) && value.value !== null) {
        this.#given.push({ key, value: value.value, place: this.#place(start(value)) })
      } else {
        const message = isScalar(value) || value === null ? 'has no value' : 'has to be a single value'
        this.#problem(start(node), key, message, 'Give a value, or remove the line to get the default.')
      }
      seen.add(name)
    }
  }

  #suggest(name: string, prefix: string, schema: TObject): string {
    const siblings = Object.keys(schema.properties)
    const sibling = closest(name, siblings)
    if (sibling !== undefined) return `Did you mean ${prefix}${sibling}?`
    const elsewhere = this.#keys.find((key) => key === name || key.split('.').at(-1) === name)
    if (elsewhere !== undefined) return `Did you mean ${elsewhere}?`
    return `Remove it; the keys here are ${siblings.join(', ')}.`
  }

  #problem(offset: number, key: string, message: string, remedy: string): void {
    this.#problems.push({ place: this.#place(offset), key, message, remedy })
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${line}:${col}`
  }
}

function start(node: Node | undefined): number {
  return node?.range?.[0] ?? 0
}

function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null)
}
