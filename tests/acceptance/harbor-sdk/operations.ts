import { join } from 'node:path'
import { operations } from '../../../packages/harbor-contract/src/index.ts'
import { createProject } from '../support/accounts.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { runCommand } from '../support/command.ts'
import type { Stage } from '../support/scenario.ts'
import { pushSignedImage } from './image.ts'

/** A program that calls the operations whose ids are its last arguments, and prints a line about each. */
export interface SdkProgram {
  readonly file: string
  readonly args: readonly string[]
}

/**
 * Runs a program against a new server and makes one check of each operation that is served. An operation that the
 * client library has no call for is a note, as is the count; one that the program does not know is a failure.
 */
export async function checkOperations(stage: Stage, client: string, { file, args }: SdkProgram): Promise<void> {
  const server = stage.use(await startBreakwater({ dataFolder: join(stage.folder, 'data') }))
  await createProject(server, 'pictures')
  const image = await pushSignedImage(server, 'pictures/team/api')
  const served = Object.keys(operations)
  const { status, stdout, text } = await runCommand(file, [...args, ...served], {
    env: {
      HARBOR_URL: server.url,
      HARBOR_USERNAME: server.admin.user,
      HARBOR_PASSWORD: server.admin.password,
      HARBOR_IMAGE: image,
      NO_PROXY: '127.0.0.1',
    },
  })
  const lines = stdout.trim().split('\n')
  const told = new Map(lines.flatMap(readOutcome))
  if (told.size === 0) throw new Error(`the program ended with ${status} and told nothing: ${text.trim()}`)
  for (const id of served) {
    if (told.get(id) === 'unknown') stage.note(`${id}: ${client} has no call for it`)
    else await stage.check(id, () => expectSuccess(told.get(id)))
  }
  stage.note(`harbor-sdk/${client}: ${lines.at(-1)}`)
}

type Outcome = 'ok' | 'unknown' | { readonly why: string }

/** From `ok ID`, `unknown ID` or `not ok ID: why`; nothing from another line. */
function readOutcome(line: string): readonly (readonly [string, Outcome])[] {
  const [, word, id, why] = /^(ok|unknown|not ok) (\w+)(?:: (.*))?$/.exec(line) ?? []
  if (id === undefined) return []
  return [[id, word === 'ok' || word === 'unknown' ? word : { why: why ?? 'it is not said why' }]]
}

function expectSuccess(outcome: Outcome | undefined): void {
  if (outcome === undefined) throw new Error('the program ended without a word about it')
  if (typeof outcome === 'object') throw new Error(outcome.why)
}
