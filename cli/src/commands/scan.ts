import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Finish, print, printJson } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { createProgress } from '../progress.ts'
import { remoteCommand } from '../remote/remote-command.ts'
import { jsonReport } from '../scan/json-report.ts'
import { type FilteredReport, filterReport, type Severity, severities } from '../scan/report.ts'
import { sarifReport } from '../scan/sarif-report.ts'
import { type ScanOptions, scan } from '../scan/scan.ts'
import { tableReport } from '../scan/table-report.ts'

const formats = ['table', 'json', 'sarif'] as const

interface Options extends ScanOptions {
  readonly format: (typeof formats)[number]
  readonly severity: ReadonlySet<Severity>
  readonly ignoreUnfixed?: true
  readonly exitCode: number
  readonly listPackages?: true
  readonly quiet?: true
}

/** `breakwater scan`: the vulnerabilities of an image, wherever it is. */
export function scanCommand(finish: Finish): Command {
  return withOptions(
    remoteCommand('scan', 'Find the known vulnerabilities of an image in a file or in any registry.', [
      'breakwater scan app.tar',
      'breakwater scan registry.example.com/production/app:1',
      'breakwater scan app.tar --severity HIGH,CRITICAL --ignore-unfixed --exit-code 1',
      'breakwater scan app.tar --db file:/mnt/db.tar.gz --format sarif > scan.sarif',
    ]),
  ).action(async (target: string, options: Options) => {
    const now = new Date()
    const progress = createProgress(process.stderr, options.quiet === true)
    try {
      const report = await scan(target, options, { now, progress })
      progress.end()
      const filter = { severities: options.severity, ignoreUnfixed: options.ignoreUnfixed === true }
      const filtered = filterReport(report, filter)
      write(filtered, options, now)
      finish(found(filtered) ? options.exitCode : exitCode.ok)
    } finally {
      progress.end()
    }
  })
}

function withOptions(command: Command): Command {
  return command
    .argument('<image>', 'HOST/NAME:TAG, an OCI image layout (folder or tar), or an archive of docker save')
    .addOption(
      new Option('--format <format>', 'table for people, json or sarif for programs').choices(formats).default('table'),
    )
    .option(
      '--severity <list>',
      `only these, with commas: ${severities.join(', ')}`,
      readSeverities,
      new Set(severities),
    )
    .option('--ignore-unfixed', 'leave out what has no fix; how many that are is said')
    .option(
      '--exit-code <n>',
      'end with this when something is found, or when the image could not be read whole',
      readCode,
      0,
    )
    .option('--platform <platform>', 'which image of an index, such as linux/arm64 (default: that of this machine)')
    .option('--tag <tag>', 'which image of a file that holds several')
    .option(
      '--db <source>',
      'vulnerability database: oci:HOST/NAME:TAG or file:PATH (default: vulndb.source of the configuration)',
    )
    .option('--cache-dir <folder>', 'where databases are kept (default: ~/.cache/breakwater)')
    .option('--offline', 'use the database in the cache, however old it is')
    .option('--list-packages', 'with json: every package that was found')
    .option('--quiet', 'no progress')
}

/** What is not readable may hide what was looked for, so that it counts as found. */
function found({ findings, partial }: FilteredReport): boolean {
  return findings.length > 0 || partial.length > 0
}

function write(report: FilteredReport, options: Options, now: Date): void {
  const format = options.json ? 'json' : options.format
  if (format === 'table') print(tableReport(report, now))
  else if (format === 'sarif') printJson(sarifReport(report, now))
  else printJson(jsonReport(report, { now, listPackages: options.listPackages === true }))
}

function readSeverities(text: string): ReadonlySet<Severity> {
  return new Set(
    text.split(',').map((name) => {
      const severity = severities.find((one) => one === name.trim().toUpperCase())
      if (!severity) throw new InvalidArgumentError(`${name} is none of ${severities.join(', ')}.`)
      return severity
    }),
  )
}

function readCode(text: string): number {
  const code = Number(text)
  if (!/^\d{1,3}$/.test(text) || code > 255) throw new InvalidArgumentError('It has to be a number from 0 to 255.')
  return code
}
