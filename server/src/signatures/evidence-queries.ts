import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { EvidenceLayout, SignatureCode } from '@breakwater/signing'
import type { Db, Tx } from '../metadata/index.ts'

/** What is kept for display and for conditions; the bytes stay in the store. */
export interface EvidenceDocument {
  readonly annotations?: Readonly<Record<string, string>>
  readonly reference?: string
  readonly signer?: 'key' | 'certificate'
  /** Fingerprint of the key that it claims to be by; nothing but a claim. */
  readonly claimedKey?: string
  readonly predicateType?: string
  readonly code?: SignatureCode
  readonly detail?: string
}

/** One piece of evidence in a manifest, without its bytes. */
export interface Entry {
  /** Hash of what is signed and the signatures: the same in whatever manifest. */
  readonly identity: Buffer
  readonly kind: Found['kind']
  readonly layout: EvidenceLayout | undefined
  /** That a signature names. */
  readonly subject: Digest | undefined
  readonly document: EvidenceDocument
}

/** Keeps what was read of a manifest; nothing where that was done already. */
export async function putEvidence(tx: Tx, manifest: Digest, evidence: readonly Entry[]): Promise<void> {
  const key = digestToBytes(manifest)
  const { rowCount } = await tx.query({
    name: 'signature-read',
    text: 'insert into signature_manifest (manifest, entries) values ($1, $2) on conflict do nothing',
    values: [key, evidence.length],
  })
  if (rowCount !== 1 || evidence.length === 0) return
  await tx.query({
    name: 'signature-evidence',
    // What was seen in another manifest before was seen then.
    text: `insert into signature_evidence (manifest, entry, identity, kind, layout, subject, first_seen_at, document)
           select $1, position - 1, identity, kind, layout, subject,
             coalesce((select min(first_seen_at) from signature_evidence known where known.identity = row.identity), now()),
             document
           from unnest($2::bytea[], $3::text[], $4::text[], $5::bytea[], $6::jsonb[])
             with ordinality as row (identity, kind, layout, subject, document, position)`,
    values: [
      key,
      evidence.map(({ identity }) => identity),
      evidence.map(({ kind }) => kind),
      evidence.map(({ layout }) => layout ?? null),
      evidence.map(({ subject }) => (subject ? digestToBytes(subject) : null)),
      evidence.map(({ document }) => JSON.stringify(document)),
    ],
  })
}

export interface Result {
  readonly entry: number
  readonly fingerprint: string
  readonly code: SignatureCode
  readonly detail: string | undefined
}

export async function putResults(tx: Tx, manifest: Digest, results: readonly Result[]): Promise<void> {
  if (results.length === 0) return
  await tx.query({
    name: 'signature-results',
    text: `insert into signature_result (manifest, entry, fingerprint, code, detail)
           select $1, entry, fingerprint, code, detail
           from unnest($2::integer[], $3::text[], $4::text[], $5::text[]) as row (entry, fingerprint, code, detail)
           on conflict do nothing`,
    values: [
      digestToBytes(manifest),
      results.map(({ entry }) => entry),
      results.map(({ fingerprint }) => fingerprint),
      results.map(({ code }) => code),
      results.map(({ detail }) => detail?.slice(0, 500) ?? null),
    ],
  })
}

/** A manifest that was not read yet, or not verified with all of the keys. */
export interface Unverified {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
  readonly read: boolean
  /** Fingerprints that there is a result for. */
  readonly verified: readonly string[]
}

interface UnverifiedRow extends Omit<Unverified, 'digest'> {
  readonly digest: Buffer
}

/** SQL: of the manifests `present (digest)`, those that lack something. $1: fingerprints; $2: how many. */
const lacking = `select m.digest, m.media_type as "mediaType", m.bytes, s.manifest is not null as read,
    array(select distinct fingerprint from signature_result x where x.manifest = m.digest and x.fingerprint = any($1)) as verified
  from (select distinct digest from present) p join manifest m on m.digest = p.digest
    left join signature_manifest s on s.manifest = m.digest
  where s.manifest is null or s.entries > 0 and exists (select from unnest($1::text[]) as key (fingerprint)
    where not exists (select from signature_result x where x.manifest = m.digest and x.fingerprint = key.fingerprint))
  order by m.digest limit $2`

const fromRow = (row: UnverifiedRow): Unverified => ({ ...row, digest: digestFromBytes(row.digest) })

/** Indexes of the repository that list an artifact, and those that list them; with itself (gate.md G6). $1, $2 */
const covers = `cover (digest, depth) as (
    select $2::bytea, 0 union
    select r.parent, depth + 1 from cover join manifest_reference r on r.child = cover.digest
      join repository_manifest m on m.repository_id = $1 and m.digest = r.parent
    where depth < 2)`

/** Accessories of an artifact of a repository, and of indexes that list it. */
export async function findUnverified(
  db: Db,
  repositoryId: number,
  subject: Digest,
  fingerprints: readonly string[],
  limit: number,
): Promise<Unverified[]> {
  const { rows } = await db.query<UnverifiedRow>({
    name: 'signature-unverified',
    text: `with recursive ${covers.replaceAll('$1', '$3').replaceAll('$2', '$4')},
             present (digest) as (select f.digest from cover join referrer f on f.repository_id = $3 and f.subject = cover.digest)
           ${lacking}`,
    values: [fingerprints, limit, repositoryId, digestToBytes(subject)],
  })
  return rows.map(fromRow)
}

/** The same for all accessories of a project (0: of all), after `last`. */
export async function findUnverifiedIn(
  db: Db,
  projectId: number,
  fingerprints: readonly string[],
  limit: number,
): Promise<Unverified[]> {
  const { rows } = await db.query<UnverifiedRow>({
    name: 'signature-unverified-in',
    text: `with present (digest) as (select f.digest from referrer f join repository r on r.id = f.repository_id
             where $3 = 0 or r.project_id = $3)
           ${lacking}`,
    values: [fingerprints, limit, projectId],
  })
  return rows.map(fromRow)
}

/** One signature or attestation that is present for an artifact, or for an index that lists it. */
export interface Found {
  /** The manifest that it is in. */
  readonly manifest: Digest
  readonly kind: 'signature' | 'attestation' | 'unreadable'
  readonly layout: EvidenceLayout | undefined
  /** That a signature names. */
  readonly subject: Digest | undefined
  /** What it is attached to: the artifact, or an index that lists it. */
  readonly attachedTo: Digest
  /** Whether that is an index. */
  readonly covering: boolean
  readonly firstSeenAt: Date
  readonly document: EvidenceDocument
  /** By fingerprint. */
  readonly results: Readonly<Record<string, SignatureCode>>
}

interface FoundRow extends Omit<Found, 'manifest' | 'subject' | 'attachedTo' | 'layout'> {
  readonly manifest: Buffer
  readonly layout: EvidenceLayout | null
  readonly subject: Buffer | null
  readonly attachedTo: Buffer
}

/** Of evidence that the same keys made, as many are told of: one key's thousandth signature hides nobody else's. */
const mostAlike = 20

/** Verified ones first, each once however often it was pushed. */
export async function findPresent(
  db: Db,
  repositoryId: number,
  subject: Digest,
  fingerprints: readonly string[],
  limit: number,
): Promise<Found[]> {
  const { rows } = await db.query<FoundRow>({
    name: 'signature-present',
    text: `with recursive ${covers}
           select manifest, kind, layout, subject, "attachedTo", covering, "firstSeenAt", document, results
           from (
             select *, row_number() over (partition by results, covering, document -> 'annotations'
               order by "firstSeenAt") as position
             from (
               select distinct on (e.identity, cover.digest) e.manifest, e.kind, e.layout, e.subject,
                 cover.digest as "attachedTo", cover.depth > 0 as covering, e.first_seen_at as "firstSeenAt", e.document,
                 (select coalesce(jsonb_object_agg(fingerprint, code), '{}') from signature_result x
                  where x.manifest = e.manifest and x.entry = e.entry and x.fingerprint = any($3)) as results
               from cover join referrer f on f.repository_id = $1 and f.subject = cover.digest
                 join signature_evidence e on e.manifest = f.digest
               order by e.identity, cover.digest, e.manifest) found) numbered
           where position <= ${mostAlike}
           order by exists (select from jsonb_each_text(results) where value = 'ok') desc, covering, "firstSeenAt" limit $4`,
    values: [repositoryId, digestToBytes(subject), fingerprints, limit],
  })
  return rows.map(({ manifest, layout, subject: named, attachedTo, ...row }) => ({
    ...row,
    manifest: digestFromBytes(manifest),
    layout: layout ?? undefined,
    subject: named ? digestFromBytes(named) : undefined,
    attachedTo: digestFromBytes(attachedTo),
  }))
}

/** What grows with each change of the evidence for an artifact, and whether it is evidence for something itself. */
export async function findState(
  db: Db,
  repositoryId: number,
  digest: Digest,
): Promise<{ readonly revision: number; readonly accessory: boolean }> {
  const { rows } = await db.query<{ revision: number; accessory: boolean }>({
    name: 'signature-state',
    text: `select coalesce((select revision from signature_state where repository_id = $1 and subject = $2), 0) as revision,
             exists (select from referrer where repository_id = $1 and digest = $2) as accessory`,
    values: [repositoryId, digestToBytes(digest)],
  })
  return rows[0] ?? { revision: 0, accessory: false }
}

/** Signatures and attestations for an artifact that none of the keys made, each once. */
export async function countForeign(
  db: Db,
  repositoryId: number,
  subject: Digest,
  fingerprints: readonly string[],
): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'signature-foreign',
    text: `select count(distinct e.identity) from referrer f join signature_evidence e on e.manifest = f.digest
           where f.repository_id = $1 and f.subject = $2 and not exists (select from signature_result x
             where x.manifest = e.manifest and x.entry = e.entry and x.code = 'ok' and x.fingerprint = any($3))`,
    values: [repositoryId, digestToBytes(subject), fingerprints],
  })
  return rows[0]?.count ?? 0
}

/** What a manifest belongs to in a repository; locked, so that what is counted for it stays so. */
export async function subjectsOf(tx: Tx, repositoryId: number, manifest: Digest): Promise<Digest[]> {
  const { rows } = await tx.query<{ subject: Buffer }>({
    name: 'signature-subjects',
    text: `select s.subject from signature_state s join referrer f
             on f.repository_id = s.repository_id and f.subject = s.subject
           where f.repository_id = $1 and f.digest = $2 order by s.subject for no key update of s`,
    values: [repositoryId, digestToBytes(manifest)],
  })
  return rows.map(({ subject }) => digestFromBytes(subject))
}

/** Whether a manifest holds evidence, and none that one of the keys made. */
export async function isForeign(db: Db, manifest: Digest, fingerprints: readonly string[]): Promise<boolean> {
  const { rows } = await db.query<{ foreign: boolean }>({
    name: 'signature-is-foreign',
    text: 'select is_foreign($1, $2) as foreign',
    values: [digestToBytes(manifest), fingerprints],
  })
  return rows[0]?.foreign === true
}
