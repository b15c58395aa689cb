import { type Answer, type Ask, ask } from '../client.ts'

/** A client that keeps cookies and the token against forged requests, as a browser with the portal does. */
export interface Browser {
  readonly cookies: ReadonlyMap<string, string>
  /** With the newest token, unless `headers` say otherwise. */
  send(method: string, path: string, asked?: Ask): Promise<Answer>
  form(path: string, fields: Readonly<Record<string, string>>): Promise<Answer>
  /** As the portal logs in: the token comes with the refusal of the first try. */
  login(principal: string, password: string): Promise<Answer>
}

export function openBrowser(origin: string): Browser {
  const cookies = new Map<string, string>()
  let token = ''

  async function send(method: string, path: string, asked: Ask = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      ...(cookie ? { cookie } : {}),
      ...(token ? { 'x-harbor-csrf-token': token } : {}),
      ...asked.headers,
    }
    const answer = await ask(origin, method, path, { ...asked, headers })
    token = answer.headers['x-harbor-csrf-token']?.toString() ?? token
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (line.includes('Max-Age=0;')) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  const form: Browser['form'] = (path, fields) =>
    send('POST', path, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    })

  return {
    cookies,
    send,
    form,
    async login(principal, password) {
      if (!token) await form('/c/login', { principal, password })
      return form('/c/login', { principal, password })
    },
  }
}
