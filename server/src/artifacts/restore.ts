import { type Digest, parseManifest, RegistryError } from '@breakwater/oci'
import { type Actor, recordAll } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { absentChildren, accessoriesDeletedWith, type Deletion, deletionsOf, digestOfTag } from './deleted-queries.ts'
import { enterRepository, lockContent } from './enter.ts'
import { keepManifest, lockChildren } from './push-queries.ts'
import type { Place } from './remove.ts'
import { insertTag } from './tag-queries.ts'

/** A tag that was not given back, and what it names by now. */
interface TakenTag {
  readonly name: string
  readonly digest: Digest | undefined
}

export interface Restored {
  /** The artifact, what it lists, and accessories: those that are back. */
  readonly digests: readonly Digest[]
  readonly tags: readonly string[]
  readonly taken: readonly TakenTag[]
  /** Accessories that went with it and of which something is gone. */
  readonly lost: readonly Digest[]
}

/** Manifests that one restoration brings back at most. */
const mostParts = 1_000

/**
 * Brings back an artifact that was deleted in the last `windowMs`: with the tags that it had and nobody else has now, with
 * what it lists, and with the accessories that went with it. It takes the locks that a push takes, so a collector may
 * look at the same moment. The repository must be locked against pushes. Throws NOT_FOUND where it was
 * not deleted, CONFLICT where it is there, PRECONDITION where something that it needs is gone.
 */
export async function restoreArtifact(
  tx: Tx,
  place: Place,
  digest: Digest,
  windowMs: number,
  actor: Actor,
): Promise<Restored> {
  const name = `${place.repository}@${digest}`
  if ((await lockChildren(tx, place.repositoryId, [digest])) === undefined) {
    throw new RegistryError('CONFLICT', `${name} is in its repository: there is nothing to restore`)
  }
  const [deletion] = await deletionsOf(tx, place, [digest], windowMs)
  if (!deletion) {
    throw new RegistryError('NOT_FOUND', `${name} was not deleted within the time in which that can be undone`)
  }
  const { parts, lost } = await gather(tx, place, deletion, windowMs)
  for (const part of parts) await bringBack(tx, place, deletion, part, actor)
  const tags = await giveTags(tx, place.repositoryId, parts)
  await recordAll(
    tx,
    actor,
    parts.map((part) => ({
      projectId: place.projectId,
      action: 'artifact.restore',
      object: `${place.repository}@${part.digest}`,
      detail: {
        tags: part.tags.filter((tag) => tags.given.has(tag)),
        deletedAt: part.deletedAt,
        ...(part === deletion ? {} : { with: digest }),
      },
    })),
  )
  return { digests: parts.map((part) => part.digest), tags: [...tags.given], taken: tags.taken, lost }
}

/** All that comes back with an artifact and itself, what is listed before what lists it; and what does not come back. */
async function gather(
  tx: Tx,
  place: Place,
  root: Deletion,
  windowMs: number,
): Promise<{ readonly parts: readonly Deletion[]; readonly lost: readonly Digest[] }> {
  const found = new Map<Digest, Deletion>()
  const lost = new Set<Digest>()
  for (let level: readonly Deletion[] = [root]; level.length > 0; ) {
    // What is found again further down moves there.
    for (const one of level) found.delete(one.digest)
    for (const one of level) found.set(one.digest, one)
    if (found.size > mostParts) {
      const message = `${place.repository}@${root.digest} has more than ${mostParts} parts: restore what it lists first`
      throw new RegistryError('PRECONDITION', message)
    }
    const children = await absentChildren(
      tx,
      place.repositoryId,
      level.map(({ digest }) => digest),
    )
    const accessories = await accessoriesDeletedWith(tx, place, level, windowMs)
    for (const { digest } of accessories.filter(({ whole }) => !whole)) lost.add(digest)
    const below = await deletionsOf(tx, place, children, windowMs)
    const beside = accessories.filter(({ whole, digest }) => whole && !found.has(digest))
    level = [...below, ...beside]
  }
  return { parts: [...found.values()].reverse(), lost: [...lost] }
}

async function bringBack(tx: Tx, place: Place, root: Deletion, { digest, tags }: Deletion, actor: Actor) {
  const gone = (what: string) => {
    const message = `${place.repository}@${root.digest} cannot be restored: ${what} is gone`
    return new RegistryError('PRECONDITION', message)
  }
  const kept = await keepManifest(tx, digest)
  if (!kept) throw gone(`manifest ${digest}`)
  const { repositoryId } = place
  const manifest = parseManifest(kept.bytes, kept.mediaType)
  const missing = await lockContent(tx, repositoryId, manifest)
  if (missing) throw gone(`${missing.kind} ${missing.digest}`)
  await enterRepository(tx, { repositoryId, digest, manifest, bytes: kept.bytes }, tags, actor.name)
}

async function giveTags(tx: Tx, repositoryId: number, parts: readonly Deletion[]) {
  const given = new Set<string>()
  const taken: TakenTag[] = []
  const wanted = parts.flatMap(({ digest, tags }) => tags.map((name) => ({ name, digest })))
  for (const { name, digest } of wanted.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (await insertTag(tx, repositoryId, name, digest)) given.add(name)
    else taken.push({ name, digest: await digestOfTag(tx, repositoryId, name) })
  }
  return { given, taken }
}
