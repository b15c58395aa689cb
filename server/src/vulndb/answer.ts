import { answer, detailOf, type Match, severities } from '@breakwater/vulndb'
import type { Db } from '../metadata/index.ts'
import type { Finding } from './finding.ts'
import { type GenerationFacts, LoadedAdvisories } from './loaded-advisories.ts'
import type { StoredQuestion } from './question-queries.ts'

/** Answers questions by a generation, in two round trips; some thousand at a time, as all they need is in memory. */
export async function answerBatch(
  db: Db,
  facts: GenerationFacts,
  questions: readonly StoredQuestion[],
): Promise<Map<number, readonly Finding[]>> {
  const advisories = new LoadedAdvisories(facts)
  await advisories.loadGroups(
    db,
    questions.map(({ question }) => question),
  )
  const matched = questions.map(({ id, question }) => ({ id, matches: answer(question, advisories) }))
  await advisories.loadVulnerabilities(
    db,
    matched.flatMap(({ matches }) => matches.map((match) => match.id)),
  )
  return new Map(matched.map(({ id, matches }) => [id, matches.map((match) => findingOf(match, advisories))]))
}

function findingOf(match: Match, advisories: LoadedAdvisories): Finding {
  const { severity, severitySource, dataSource, title } = detailOf(match, advisories)
  return {
    id: match.id,
    bucket: match.bucket,
    fixedVersion: match.fixedVersion,
    status: match.status,
    severity: severities.indexOf(severity),
    severitySource,
    dataSource,
    title,
    vendorIds: match.vendorIds,
  }
}
