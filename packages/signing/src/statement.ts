import { digestFromHex, type JsonObject, type JsonValue, recordShape } from '@breakwater/oci'
import { asArray, asObject, asText, isAbsent, malformed, parseDocument, refuseAliases } from './document.ts'
import type { SignedSubject } from './evidence.ts'
import { maxSubjects } from './limits.ts'

const types = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']
const known = ['_type', 'subject', 'predicateType', 'predicate']

const shape = recordShape(['_type', 'predicateType'], {
  subject: recordShape(['name', 'uri', 'content', 'downloadLocation', 'mediaType'], {
    digest: 'map',
    annotations: 'data',
  }),
  predicate: 'data',
})

/** An in-toto statement, without its predicate. */
export interface Statement {
  readonly predicateType: string
  readonly subjects: readonly SignedSubject[]
  /** As written: one for each subject. */
  readonly annotations: readonly (JsonValue | undefined)[]
}

/** Reads an in-toto statement, v0.1 or v1 (in-toto attestation framework, spec/v1/statement.md). Throws EvidenceError. */
export function readStatement(bytes: Uint8Array): Statement {
  const statement = parseDocument(bytes, shape, 'statement')
  refuseAliases(statement, known, 'statement')
  if (!types.some((type) => type === statement['_type'])) malformed('statement._type', `must be ${types.join(' or ')}`)
  if (!isAbsent(statement['predicate'])) asObject(statement['predicate'], 'statement.predicate')
  const predicateType = asText(statement['predicateType'], 'statement.predicateType')
  if (predicateType === '') malformed('statement.predicateType', 'must not be empty')
  const subjects = asArray(statement['subject'], 'statement.subject', maxSubjects).map((subject, index) =>
    asObject(subject, `statement.subject[${index}]`),
  )
  if (subjects.length === 0) malformed('statement.subject', 'must not be empty')
  return {
    predicateType,
    subjects: subjects.map((subject, index) => readSubject(subject, `statement.subject[${index}]`)),
    annotations: subjects.map((subject) => subject['annotations']),
  }
}

function readSubject(subject: JsonObject, place: string): SignedSubject {
  const digests = asObject(subject['digest'], `${place}.digest`)
  const { name } = subject
  const hex = digests['sha256']
  return {
    ...(isAbsent(name) ? {} : { name: asText(name, `${place}.name`) }),
    ...(isAbsent(hex) ? {} : { digest: readSha256(hex, `${place}.digest.sha256`) }),
  }
}

function readSha256(value: JsonValue, place: string) {
  const hex = asText(value, place)
  return /^[0-9a-f]{64}$/.test(hex)
    ? digestFromHex('sha256', hex)
    : malformed(place, 'must be 64 lower-case hex digits')
}
