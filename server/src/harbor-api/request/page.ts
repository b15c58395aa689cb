import type { Reply } from '../../http/index.ts'
import { json } from '../operation.ts'

export interface Page {
  /** From 1. */
  readonly number: number
  /** 0: all there is. */
  readonly size: number
}

/** Offset and limit of a page, for a query; a limit of null takes all. */
export function windowOf({ number, size }: Page): { offset: number; limit: number | null } {
  return size === 0 ? { offset: 0, limit: null } : { offset: (number - 1) * size, limit: size }
}

/** The page that a request asks for. */
export function pageOf(query: { readonly page?: number; readonly page_size?: number }): Page {
  return { number: Math.max(1, query.page ?? 1), size: Math.max(0, query.page_size ?? 10) }
}

/**
 * A list with Harbor's headers. The links are paths without escapes, as Harbor writes them and its replication reads
 * them: an absolute URL, or a comma in it, would break that.
 */
export function list(
  input: { readonly path: string; readonly search: URLSearchParams },
  items: readonly unknown[],
  total: number,
  page: Page,
): Reply {
  const link = (rel: string, number: number) => {
    const search = new Map(input.search)
    search.set('page', String(number))
    search.set('page_size', String(page.size))
    const text = [...search].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`)
    return `<${input.path}?${text.join('&')}>; rel="${rel}"`
  }
  const last = page.size === 0 ? 1 : Math.ceil(total / page.size)
  const links = [
    ...(page.size > 0 && page.number > 1 && page.number <= last ? [link('prev', page.number - 1)] : []),
    ...(page.size > 0 && page.number < last ? [link('next', page.number + 1)] : []),
  ]
  return json(items, {
    'X-Total-Count': total,
    ...(links.length > 0 ? { Link: links.map(headerSafe).join(' , ') } : {}),
  })
}

/** A header can't hold every character that a query can: what would end the link or the header is escaped. */
function headerSafe(link: string): string {
  return link.replaceAll(/[^\x21-\x7e]|,/g, (character) => (character === ' ' ? ' ' : encodeURIComponent(character)))
}
