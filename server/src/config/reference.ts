import { type TObject, Type } from 'typebox'
import { configVariable, type Setting, settingsOf } from './catalogue.ts'
import { schema } from './schema.ts'
import { annotationsOf } from './setting.ts'

const introduction = `# Configuration

<!-- Made from the schema by tools/gen-config-reference.ts; change the schema, not this page. -->

Values come from three sources; the later wins:

1. the defaults below,
2. a YAML file, named by \`--config FILE\` or by the variable \`${configVariable}\`,
3. environment variables.

Sizes are written with a unit (\`B\`, \`KiB\`, \`MiB\`, \`GiB\`, \`TiB\`), durations too (\`ms\`, \`s\`, \`m\`, \`h\`, \`d\`).
A secret is the value itself, \`file:PATH\` for the content of a file, or \`env:NAME\` for another variable; one line break
at its end is left out. A relative path is taken from the working directory.

A key or a \`BREAKWATER_*\` variable that is not on this page ends the start, and so does a value that does not fit.
\`breakwater config\` prints what is in effect and where each value comes from.
`

/** The reference page of all settings, as Markdown. */
export function renderReference(): string {
  const plain = Object.entries(schema.properties).filter(([, property]) => !Type.IsObject(property))
  const groups = Object.entries(schema.properties).flatMap(([name, property]) =>
    Type.IsObject(property) ? [{ name, property }] : [],
  )
  const all = settingsOf(schema)
  const settingsBelow = (prefix: string) => all.filter(({ key }) => key.startsWith(prefix))
  const top = all.filter(({ key }) => plain.some(([name]) => name === key))
  return [
    introduction,
    section('General', undefined, top),
    ...groups.map(({ name, property }) => section(`\`${name}\``, describe(property), settingsBelow(`${name}.`))),
  ].join('\n')
}

function describe(group: TObject): string {
  return annotationsOf(group).description
}

function section(title: string, description: string | undefined, settings: readonly Setting[]): string {
  const head = description === undefined ? `## ${title}\n` : `## ${title}\n\n${description}\n`
  return [head, ...settings.map(entry)].join('\n')
}

function entry(setting: Setting): string {
  const lines = [
    `- Variable: \`${setting.variable}\``,
    `- Value: ${setting.accepts}${setting.secret ? '; a secret' : ''}`,
  ]
  if (setting.default !== undefined) lines.push(`- Default: \`${setting.default}\``)
  if (setting.example !== undefined) lines.push(`- Example: \`${setting.example}\``)
  return `### \`${setting.key}\`\n\n${setting.description}\n\n${lines.join('\n')}\n`
}
