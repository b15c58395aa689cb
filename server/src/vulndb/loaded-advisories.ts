import type { AdvisoryGroup, AdvisorySource, DataSource, Question, Vulnerability } from '@breakwater/vulndb'
import type { Db } from '../metadata/index.ts'
import { findDataSources, findGroups, findHeadlines } from './advisory-queries.ts'
import type { Generation } from './generation.ts'

/** What is known of a generation before it is asked anything. */
export interface GenerationFacts {
  readonly id: number
  /** Its buckets of advisories, in byte order. */
  readonly buckets: readonly string[]
  readonly dataSources: ReadonlyMap<string, DataSource>
}

export async function factsOf(db: Db, { id, counts }: Pick<Generation, 'id' | 'counts'>): Promise<GenerationFacts> {
  const buckets = Object.keys(counts).sort((a, b) => Buffer.from(a).compare(Buffer.from(b)))
  return { id, buckets, dataSources: await findDataSources(db, id) }
}

/** The part of a generation that some questions need, in memory: matching asks it without waiting. */
export class LoadedAdvisories implements AdvisorySource {
  readonly #facts: GenerationFacts
  readonly #groups = new Map<string, AdvisoryGroup>()
  readonly #vulnerabilities = new Map<string, Vulnerability>()

  constructor(facts: GenerationFacts) {
    this.#facts = facts
  }

  /** Before the questions are answered. */
  async loadGroups(db: Db, questions: readonly Question[]): Promise<void> {
    const wanted = new Map<string, { bucket: string; name: string }>()
    for (const { bucket, name } of questions) {
      for (const one of this.#named(bucket)) wanted.set(keyOf(one, name), { bucket: one, name })
    }
    for (const group of await findGroups(db, this.#facts.id, [...wanted.values()])) {
      this.#groups.set(keyOf(group.bucket, group.name), group)
    }
  }

  /** Before the severities and titles of these are asked for; other details are not loaded. */
  async loadVulnerabilities(db: Db, ids: Iterable<string>): Promise<void> {
    const found = await findHeadlines(db, this.#facts.id, [...new Set(ids)])
    for (const [id, detail] of found) this.#vulnerabilities.set(id, detail)
  }

  groups(bucket: string, name: string): readonly AdvisoryGroup[] {
    return this.#named(bucket).flatMap((one) => this.#groups.get(keyOf(one, name)) ?? [])
  }

  vulnerability(id: string): Vulnerability | undefined {
    return this.#vulnerabilities.get(id)
  }

  dataSource(bucket: string): DataSource | undefined {
    return this.#facts.dataSources.get(bucket)
  }

  buckets(): readonly string[] {
    return this.#facts.buckets
  }

  /** The buckets that a question's bucket stands for: itself, or with `::` at its end all that begin so. */
  #named(bucket: string): readonly string[] {
    return bucket.endsWith('::') ? this.#facts.buckets.filter((one) => one.startsWith(bucket)) : [bucket]
  }
}

function keyOf(bucket: string, name: string): string {
  return `${bucket}\0${name}`
}
