import { connectEmbedded } from '../../bench/lib/database.ts'
import { send } from '../../bench/lib/http-client.ts'
import { digestOf } from '../../bench/lib/random-content.ts'
import { acceptManifests, readBlob, UnexpectedStatus } from '../../bench/lib/registry-client.ts'
import type { System } from '../../bench/lib/system.ts'
import type { PushRecord } from './push-record.ts'

async function readManifest(system: System, repository: string, reference: string): Promise<Buffer | undefined> {
  const authorization = await system.authorization(repository, 'pull')
  const request = {
    method: 'GET',
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { accept: acceptManifests, ...(authorization && { authorization }) },
  }
  const reply = await send(system, request)
  if (reply.status === 404) return undefined
  if (reply.status !== 200) throw new UnexpectedStatus(request, reply)
  const digest = reply.headers['docker-content-digest']
  if (digest !== digestOf(reply.body)) throw new Error(`${request.path} says ${digest} and sends other bytes`)
  return reply.body
}

async function requireBlob(system: System, repository: string, digest: string): Promise<void> {
  const read = await readBlob(system, repository, digest)
  if (read.digest !== digest) throw new Error(`${repository}@${digest} gives bytes of ${read.digest}`)
}

/**
 * Holds one push against what the server has now: every acknowledged blob, manifest and tag is there with its bytes;
 * what was not acknowledged is whole or absent. Throws what differs.
 */
export async function verifyPush(system: System, record: PushRecord): Promise<void> {
  const { repository, tag, manifest } = record
  for (const digest of record.acknowledgedBlobs) await requireBlob(system, repository, digest)
  for (const digest of record.blobDigests) {
    if (record.acknowledgedBlobs.has(digest)) continue
    await requireBlob(system, repository, digest).catch((cause: unknown) => {
      if (!(cause instanceof UnexpectedStatus && cause.status === 404)) throw cause
    })
  }
  const found = [
    await readManifest(system, repository, tag),
    await readManifest(system, repository, digestOf(manifest)),
  ] as const
  if (record.acknowledged && found.includes(undefined)) throw new Error(`acknowledged ${repository}:${tag} is lost`)
  if ((found[0] === undefined) !== (found[1] === undefined)) {
    throw new Error(`${repository}:${tag} is half visible: by tag ${!!found[0]}, by digest ${!!found[1]}`)
  }
  if (found[0] === undefined) return
  if (!found[0].equals(manifest)) throw new Error(`${repository}:${tag} gives another manifest than was pushed`)
  for (const digest of record.blobDigests) await requireBlob(system, repository, digest)
}

/** How many of these manifests the ledger has an `artifact.push` record of. */
export async function countLedgerPushes(system: System, digests: readonly string[]): Promise<number> {
  const client = await connectEmbedded(system.dataFolder)
  try {
    const { rows } = await client.query<{ found: number }>(
      `select count(distinct detail ->> 'digest')::int as found from ledger
       where action = 'artifact.push' and detail ->> 'digest' = any($1)`,
      [digests],
    )
    return rows[0]?.found ?? 0
  } finally {
    await client.end()
  }
}

/** Throws unless every acknowledged push is in the ledger (invariant I5). */
export async function requireLedgered(system: System, records: readonly PushRecord[]): Promise<void> {
  const digests = records.filter(({ acknowledged }) => acknowledged).map(({ manifest }) => digestOf(manifest))
  const found = await countLedgerPushes(system, digests)
  if (found !== digests.length) throw new Error(`the ledger has ${found} of ${digests.length} acknowledged pushes`)
}
