/** Parameters that a log line names. */
const mostNames = 20

/**
 * An address as logs and traces may hold it: its path, and the names of its parameters without their values, which may
 * be tokens, states of uploads or signatures. Text without `=` is a value too.
 */
export function withoutValues(url: string): string {
  const mark = url.indexOf('?')
  if (mark < 0) return url
  const names = url
    .slice(mark + 1)
    .split('&', mostNames)
    .map((part) => (part.includes('=') ? part.slice(0, part.indexOf('=')) : ''))
    .filter((name) => name !== '')
  return `${url.slice(0, mark)}?${names.join('&')}`
}
