/** One exchange with a Harbor: a label, and what was answered. */
export interface Exchange {
  readonly section: string
  readonly label: string
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Cut where it was long. */
  readonly body: string
}

/** The exchanges of a file of transcripts: a heading for each section, a label, and an answer as it was sent. */
export function parseTranscripts(text: string): Exchange[] {
  const exchanges: Exchange[] = []
  let section = ''
  let label = ''
  const parts = /^## (.+)$|^```(\w*)\n([\s\S]*?)\n?^```$|^(\S.*)$/gm
  for (const [, heading, kind, block, line] of text.matchAll(parts)) {
    if (heading !== undefined) section = heading
    else if (line !== undefined) label = line
    else if (kind === 'http' && block?.startsWith('HTTP/')) exchanges.push({ section, label, ...parseAnswer(block) })
  }
  return exchanges
}

function parseAnswer(block: string): Pick<Exchange, 'status' | 'headers' | 'body'> {
  const [head = '', ...rest] = block.split('\n\n')
  const [first = '', ...lines] = head.split('\n')
  const headers = lines.map((text): [string, string] => {
    const colon = text.indexOf(':')
    return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()]
  })
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: rest.join('\n\n') }
}
