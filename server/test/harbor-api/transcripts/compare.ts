import type { Answer } from '../../client.ts'
import type { Exchange } from './parse.ts'

/** What of an answer is compared: of a refusal its code and sentence, of another answer the shape of its body. */
export interface Comparable {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Of these the presence is enough; others have to say the same, but for hosts, ids and digests. */
const present = new Set(['etag', 'x-total-count', 'x-harbor-csrf-token', 'docker-upload-uuid', 'content-range'])
/** Transport, caching, and what the transcripts leave out or shorten. */
const notCompared = new Set([
  'date',
  'content-length',
  'transfer-encoding',
  'set-cookie',
  'vary',
  'x-request-id',
  'x-content-type-options',
  'cache-control',
])

/** The headers that Harbor sends, as it sends them. */
export function expectedOf({ status, headers, body }: Exchange): Comparable {
  const compared = Object.entries(headers).filter(([name]) => !notCompared.has(name))
  return {
    status,
    headers: Object.fromEntries(compared.map(([name, value]) => [name, said(name, value)])),
    body: isCut(body, headers) ? 'not compared' : shapeOf(body, status),
  }
}

/** Whether the transcript has less than what was sent. */
function isCut(body: string, headers: Exchange['headers']): boolean {
  if (body !== '') return /^[[{]/.test(body) && parsed(body) === undefined
  return headers['content-length'] !== '0'
}

/** The same headers of our answer, without those that Harbor does not send. */
export function actualOf(answer: Answer, { headers, body }: Exchange, host: string): Comparable {
  const compared = Object.keys(headers).flatMap((name) => {
    const value = answer.headers[name]
    return notCompared.has(name) || value === undefined ? [] : [[name, said(name, String(value), host)] as const]
  })
  return {
    status: answer.status,
    headers: Object.fromEntries(compared),
    body: isCut(body, headers) ? 'not compared' : shapeOf(answer.text, answer.status),
  }
}

function said(name: string, value: string, host = 'HARBOR'): string {
  if (present.has(name)) return 'given'
  const plain = value.replaceAll(host, 'HARBOR').replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:…')
  if (name === 'link') return plain.replaceAll(/last=[^&>]*/g, 'last=…')
  return name === 'location' ? plain.replaceAll(/\/\d+\b/g, '/N').replaceAll(/uploads\/[^?]+.*$/g, 'uploads/…') : plain
}

function shapeOf(text: string, status: number): unknown {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null) return value
  if (status >= 400) {
    const { errors = [] } = value as { errors?: { code: string; message: string }[] }
    return errors.map(({ code, message }) => ({ code, message }))
  }
  const [first] = Array.isArray(value) ? value : [value]
  return typeof first === 'object' && first !== null ? Object.keys(first).sort() : []
}

/** Text as it is; undefined for JSON that is cut. */
function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return text.trim()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
