import { setTimeout as sleep } from 'node:timers/promises'
import type { Breakwater } from '../../bench/lib/breakwater.ts'
import { send } from '../../bench/lib/http-client.ts'
import { digestOf, randomBytesOf } from '../../bench/lib/random-content.ts'
import { acceptManifests, readBlob, UnexpectedStatus } from '../../bench/lib/registry-client.ts'
import { basic } from '../../bench/lib/system.ts'
import { type Image, imageOf, type PushRecord, push } from './push-record.ts'

const repository = 'library/churn'
const pushers = 3

interface Pushed extends PushRecord {
  /** A delete was asked for; whether it happened is known when it was acknowledged. */
  deletion?: 'asked' | 'acknowledged'
}

/** Clients that push, pull and delete without end, and remember what was acknowledged. */
export interface Churn {
  /** Pushes acknowledged so far. */
  pushed(): number
  stop(): Promise<void>
  /**
   * Pulls and hashes: what was acknowledged and not deleted is there, what was deleted is not, and whatever a tag names
   * is whole. Throws what differs.
   */
  verify(): Promise<Readonly<Record<string, number>>>
  deleteAll(): Promise<void>
}

export function startChurn(system: Breakwater): Churn {
  const records: Pushed[] = []
  let stopped = false
  let wrong: Error | undefined

  /** Until it stops; what fails meanwhile is tried again with something new. */
  async function loop(step: (count: number) => Promise<void>): Promise<void> {
    for (let count = 0; !stopped && !wrong; count += 1) {
      await step(count).catch(async (error: unknown) => {
        if (error instanceof WrongContent) wrong = error
        await sleep(30)
      })
    }
  }
  const pushing = Array.from({ length: pushers }, (_, pusher) =>
    loop((count) => push(system, sharingImage(`p${pusher}-${count}`), records)),
  )
  const standing = () => records.filter(({ acknowledged, deletion }) => acknowledged && !deletion)
  const deleting = loop(async () => {
    const those = standing()
    const one = those[Math.floor(Math.random() * those.length)]
    if (!one || those.length < 20) return await sleep(50)
    await deleteImage(system, one)
  })
  const pulling = loop(async () => {
    const those = standing()
    const one = those[Math.floor(Math.random() * those.length)]
    if (!one) return await sleep(50)
    await requireWhole(system, one, () => one.deletion === undefined)
    await sleep(20)
  })
  const running = Promise.all([...pushing, deleting, pulling])
  return {
    pushed: () => records.filter(({ acknowledged }) => acknowledged).length,
    async stop() {
      stopped = true
      await running
      if (wrong) throw wrong
    },
    async verify() {
      const counts = { pushesBegun: records.length, pushesAcknowledged: 0, deletesAcknowledged: 0, verifiedWhole: 0 }
      for (const record of records) {
        if (record.acknowledged) counts.pushesAcknowledged += 1
        if (record.deletion === 'acknowledged') counts.deletesAcknowledged += 1
        const there = await requireWhole(system, record, () => record.acknowledged && !record.deletion)
        if (there && record.deletion === 'acknowledged') throw new WrongContent(record, 'was deleted and is back')
        if (there) counts.verifiedWhole += 1
      }
      return counts
    },
    async deleteAll() {
      for (const record of records) {
        if (record.deletion === 'acknowledged') continue
        await deleteImage(system, record).catch((error: unknown) => {
          if (!(error instanceof UnexpectedStatus && error.status === 404)) throw error
        })
      }
    },
  }
}

/** A layer of its own, and one that many have: what one image gives up, another may be about to name. */
function sharingImage(tag: string): Image {
  const shared = Math.floor(Math.random() * 12)
  const layers = [randomBytesOf(tag, 40_000), randomBytesOf(`shared ${shared}`, 60_000 + shared)]
  return imageOf(repository, tag, layers)
}

class WrongContent extends Error {
  constructor({ repository: name, tag }: PushRecord, what: string) {
    super(`${name}:${tag} ${what}`)
    this.name = 'WrongContent'
  }
}

async function deleteImage(system: Breakwater, record: Pushed): Promise<void> {
  record.deletion = 'asked'
  const request = {
    method: 'DELETE',
    path: `/v2/${repository}/manifests/${digestOf(record.manifest)}`,
    headers: { authorization: basic(system.account) },
  }
  const reply = await send(system, request)
  if (reply.status !== 202) throw new UnexpectedStatus(request, reply)
  record.deletion = 'acknowledged'
}

/** Whether the image is there; throws where only a part of it is, or where it must be (as `must` says afterwards) and is not. */
async function requireWhole(system: Breakwater, record: Pushed, must: () => boolean): Promise<boolean> {
  const authorization = await system.authorization(repository, 'pull,push')
  const headers = { accept: acceptManifests, ...(authorization && { authorization }) }
  const path = `/v2/${repository}/manifests/${record.tag}`
  const reply = await send(system, { method: 'GET', path, headers })
  if (reply.status === 404) {
    if (must()) throw new WrongContent(record, 'was acknowledged and is lost')
    return false
  }
  if (reply.status !== 200) throw new UnexpectedStatus({ method: 'GET', path }, reply)
  if (!reply.body.equals(record.manifest)) throw new WrongContent(record, 'gives another manifest')
  for (const digest of record.blobDigests) {
    const read = await readBlob(system, repository, digest).catch((error: unknown) => {
      const gone = error instanceof UnexpectedStatus && error.status === 404
      // Somebody may have deleted the image since its manifest was read.
      if (gone && record.deletion === undefined) throw new WrongContent(record, `lacks ${digest}`)
      if (gone) return undefined
      throw error
    })
    if (read && read.digest !== digest) throw new WrongContent(record, `gives other bytes for ${digest}`)
  }
  return true
}
