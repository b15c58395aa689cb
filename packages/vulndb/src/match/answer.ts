import { type Advisory, type Severity, type Status, severities, statuses } from '../database/record.ts'
import { languageJudge } from './language-rule.ts'
import type { AdvisorySource, LanguageRule, Match, OsRule, Question } from './model.ts'
import { type Hit, type Judge, osJudge } from './os-rule.ts'

/** The vulnerabilities that a package version has by a database, each ID once, in order of IDs. */
export function answer(question: Question, source: Pick<AdvisorySource, 'groups'>): Match[] {
  const judge = judgeOf(question)
  if (judge === undefined) return []
  const advisories = new Map<string, { readonly bucket: string; readonly value: Advisory }>()
  // Of several buckets of an ecosystem, the later one's word on an ID counts, also when it says that nothing is wrong.
  for (const { bucket, advisories: found } of source.groups(question.bucket, question.name)) {
    for (const { id, value } of found) advisories.set(id, { bucket, value })
  }
  return [...advisories]
    .flatMap(([id, { bucket, value }]) => {
      const hit = judge(value)
      return hit === undefined ? [] : [matchOf(id, bucket, value, hit)]
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

const languageRules: Readonly<Record<LanguageRule, true>> = {
  npm: true,
  pip: true,
  gem: true,
  maven: true,
  generic: true,
}

function judgeOf(question: Question): Judge | undefined {
  const { rule, version } = question
  return isLanguageRule(rule) ? languageJudge(rule, version) : osJudge(rule, question)
}

function isLanguageRule(rule: LanguageRule | OsRule): rule is LanguageRule {
  return Object.hasOwn(languageRules, rule)
}

function matchOf(id: string, bucket: string, advisory: Advisory, hit: Hit): Match {
  const severity: Severity | undefined = hit.severity === 0 ? undefined : severities[hit.severity]
  return {
    id,
    bucket,
    fixedVersion: hit.fixedVersion,
    status: statusOf(hit.fixedVersion, statuses[advisory.Status ?? 0]),
    vendorIds: hit.vendorIds,
    severity,
    severitySource: severity === undefined ? '' : 'debian',
  }
}

function statusOf(fixedVersion: string, said: Status | undefined): Status {
  if (fixedVersion !== '') return 'fixed'
  return said === undefined || said === 'unknown' ? 'affected' : said
}
