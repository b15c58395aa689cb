import type { ImageInventory, Package } from '@breakwater/inventory'
import type { Finding } from '../vulndb/index.ts'

/** A vulnerability, and the package that has it. */
export interface Found {
  readonly package: Package
  readonly finding: Finding
}

/** The packages of an image, each beside the id of the question about it; null where none is asked. */
export interface Asked {
  readonly inventory: Pick<ImageInventory, 'packages'>
  readonly questions: readonly (number | null)[]
}

/** Unique by vulnerability, package and version, as `questions` names a package once however often it is there. */
export function* findIn(
  { inventory, questions }: Asked,
  answers: ReadonlyMap<number, readonly Finding[]>,
): Generator<Found> {
  for (const [at, one] of inventory.packages.entries()) {
    const question = questions[at]
    if (question === undefined || question === null) continue
    for (const finding of answers.get(question) ?? []) yield { package: one, finding }
  }
}

export function distinctQuestions(questions: readonly (number | null)[]): number[] {
  return [...new Set(questions.filter((question) => question !== null))]
}

/**
 * One question for each package of an image: null where a package of the same name and version is asked about already,
 * which lies elsewhere.
 */
export function withoutRepeats(packages: readonly Package[], questions: readonly (number | null)[]): (number | null)[] {
  const seen = new Set<string>()
  return packages.map(({ name, version }, at) => {
    const question = questions[at] ?? null
    const key = `${question} ${version} ${name}`
    if (question === null || seen.has(key)) return null
    seen.add(key)
    return question
  })
}
