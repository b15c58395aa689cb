import { startBreakwater } from '../../bench/lib/breakwater.ts'
import { send } from '../../bench/lib/http-client.ts'
import { digestOf } from '../../bench/lib/random-content.ts'
import {
  acceptManifests,
  ask,
  configType,
  imageConfig,
  imageManifest,
  pushBlob,
  pushManifest,
} from '../../bench/lib/registry-client.ts'
import type { System } from '../../bench/lib/system.ts'
import { type Figures, type Scenario, scaled } from './scenario.ts'
import { countLedgerPushes } from './verify.ts'

const repository = 'library/raced'
const tag = 'latest'
const rounds = 500

/** Two manifests that share their configuration and differ in one annotation. */
async function contestants(system: System, round: number): Promise<readonly [Buffer, Buffer]> {
  const config = imageConfig([])
  const digest = await pushBlob(system, repository, config)
  const plain = imageManifest({ mediaType: configType, digest, size: config.length }, [])
  const marked = (pusher: string): Buffer =>
    Buffer.from(JSON.stringify({ ...JSON.parse(plain.toString()), annotations: { pusher: `${pusher} ${round}` } }))
  return [marked('a'), marked('b')]
}

/** Reads the tag all the while; every answer must be one of the manifests that were sent, whole. */
async function watchTag(system: System, known: ReadonlySet<string>, signal: AbortSignal): Promise<number> {
  let reads = 0
  while (!signal.aborted) {
    const authorization = await system.authorization(repository, 'pull')
    const headers = { accept: acceptManifests, ...(authorization && { authorization }) }
    const reply = await send(system, { method: 'GET', path: `/v2/${repository}/manifests/${tag}`, headers })
    reads += 1
    const digest = digestOf(reply.body)
    if (reply.status !== 200 || !known.has(digest) || reply.headers['docker-content-digest'] !== digest) {
      throw new Error(`the raced tag answered ${reply.status} with ${digest}, which nobody pushed under it`)
    }
  }
  return reads
}

/** One race; checks what it left behind and says whether the first pusher's manifest has the tag. */
async function race(system: System, round: number, known: Set<string>): Promise<boolean> {
  const [a, b] = await contestants(system, round)
  const digests = [digestOf(a), digestOf(b)]
  for (const digest of digests) known.add(digest)
  await Promise.all([a, b].map((bytes) => pushManifest(system, repository, tag, bytes)))
  const get = async (reference: string): Promise<Buffer> => {
    const path = `/v2/${repository}/manifests/${reference}`
    return (await ask(system, repository, 200, { method: 'GET', path, headers: { accept: acceptManifests } })).body
  }
  const tagged = await get(tag)
  if (!digests.includes(digestOf(tagged))) throw new Error(`round ${round}: the tag is neither of the two`)
  for (const digest of digests) {
    if (digestOf(await get(digest)) !== digest) throw new Error(`round ${round}: ${digest} is damaged`)
  }
  return tagged.equals(a)
}

/** Two pushers, one tag, at the same moment. */
export const tagRace: Scenario = {
  name: 'tag-race',
  about: 'two pushers racing one tag: always one of the two manifests, both digests stay, the ledger has both',
  run: async (scale): Promise<Figures> => {
    await using system = await startBreakwater()
    const count = scaled(rounds, scale)
    const known = new Set<string>()
    const ended = new AbortController()
    await race(system, 0, known)
    const watching = watchTag(system, known, ended.signal)
    const racing = async (): Promise<number> => {
      let firstWon = 0
      for (let round = 1; round < count; round++) if (await race(system, round, known)) firstWon += 1
      ended.abort()
      return firstWon
    }
    const [reads, firstWon] = await Promise.all([watching, racing()])
    const ledgered = await countLedgerPushes(system, [...known])
    if (ledgered !== known.size) throw new Error(`the ledger has ${ledgered} of ${known.size} pushes`)
    return { rounds: count, firstWon, readsMeanwhile: reads, ledgered }
  },
}
