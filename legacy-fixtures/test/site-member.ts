/** A member of ModVault who is logged in, by plain HTTP: for tests of what is not a page. */

export interface SiteMember {
  readonly cookie: string
  readonly csrf: string
}

export interface JsonAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** Logs in through the form, as a visitor does. */
export async function logIn(siteUrl: string, username: string, password: string): Promise<SiteMember> {
  const form = await fetch(`${siteUrl}/login`)
  const anonymous = sessionCookie(form)
  const answer = await fetch(`${siteUrl}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: anonymous },
    body: new URLSearchParams({ username, password, csrf: csrfOf(await form.text()) }),
  })
  if (answer.status !== 302) throw new Error(`${username} could not log in: ${answer.status}`)
  const cookie = sessionCookie(answer)
  const page = await fetch(`${siteUrl}/contact`, { headers: { cookie } })
  return { cookie, csrf: csrfOf(await page.text()) }
}

export async function postAjax(
  siteUrl: string,
  fields: Readonly<Record<string, string>>,
  member?: Pick<SiteMember, 'cookie'>,
): Promise<JsonAnswer> {
  const response = await fetch(`${siteUrl}/ajax.php`, {
    method: 'POST',
    headers: member ? { cookie: member.cookie } : {},
    body: new URLSearchParams(fields),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

// --- internal ---

// A login changes the session's id: the last PHPSESSID of an answer is the one that counts.
function sessionCookie(response: Response): string {
  const cookie = response.headers.getSetCookie().findLast((line) => line.startsWith('PHPSESSID='))
  if (cookie === undefined) throw new Error(`no session cookie from ${response.url}`)
  return cookie.slice(0, cookie.indexOf(';'))
}

function csrfOf(html: string): string {
  const token = /name="csrf" value="([0-9a-f]{32})"/.exec(html)?.[1]
  if (token === undefined) throw new Error('no form with a token on the page')
  return token
}
