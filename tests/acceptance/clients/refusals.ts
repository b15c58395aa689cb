import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { normalized } from '../gate/documented-complaints.ts'
import { listArtifacts } from '../support/artifacts.ts'
import type { Stage } from '../support/scenario.ts'
import { documentedRefusals } from './documented-refusals.ts'
import type { Setting } from './setting.ts'

/** The clients that have a story, each with a section of this name in docs/reference/refusals.md. */
const clients = [
  'ctr',
  'podman',
  'buildah',
  'skopeo',
  'regctl',
  'oras',
  'helm',
  'cosign',
  'notation',
  'buildx',
] as const

/** A client as its section of the page calls it. */
interface Tried {
  readonly client: (typeof clients)[number]
  /** The repository in `staging` that is pulled from and pushed to. */
  readonly repository: string
  /** How the complaint begins; what was printed before it is progress. */
  readonly begin: string
}

/** What every client is refused, and how to get its complaint. */
export interface Refusals {
  readonly 'wrong password': () => Promise<string>
  readonly 'no login': () => Promise<string>
  readonly 'a robot that may only pull': () => Promise<string>
  readonly 'unknown repository': () => Promise<string>
  readonly 'unsigned, in a project that demands signatures': () => Promise<string>
}

/** Holds what a client prints against its section of docs/reference/refusals.md. */
export async function holdRefusals(
  { folder, check, note }: Stage,
  { server, host }: Setting,
  { client, repository, begin }: Tried,
  refusals: Refusals,
): Promise<void> {
  const page = documentedRefusals()
  const content = async () => {
    const artifacts = await listArtifacts(server, { project: 'staging', repository })
    return artifacts.map(({ digest, tags, accessories }) => [digest, tags?.length, accessories?.length]).sort()
  }
  const before = await content()
  for (const [refusal, complain] of Object.entries(refusals)) {
    await check(`refused, ${refusal}`, async () => {
      const text = await complain()
      const complaint = normalized(text.slice(Math.max(0, text.indexOf(begin))), host).replaceAll(folder, 'FOLDER')
      note(complaint)
      strictEqual(complaint, page.get(client)?.get(refusal), 'docs/reference/refusals.md has another text')
    })
  }
  await check('what was refused has changed nothing', async () => {
    deepStrictEqual(await content(), before)
  })
  await check('the page has the clients and refusals that are tried', () => {
    deepStrictEqual([...page.keys()], [...clients])
    deepStrictEqual([...(page.get(client)?.keys() ?? [])], Object.keys(refusals))
  })
}
