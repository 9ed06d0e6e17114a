/** A session of the legacy site as a file: to be copied, put back as it was, and looked at after a request. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logIn } from '../legacy-fixtures/test/site-member.ts'
import type { StackDescription } from '../scripts/stack/index.ts'

export interface MemberSession {
  readonly cookie: string
  readonly csrf: string
  /** Makes the session what it was at first, whatever requests have done to it. */
  restore(): void
  /** What is in it now, or undefined when it was destroyed. */
  read(): string | undefined
  /** Puts something else into it, for a request that depends on it. */
  write(content: string): void
  remove(): void
}

/** Logs a member in, and makes `copies` sessions of it, so that requests at the same time don't share one. */
export async function openSessions(
  stack: Pick<StackDescription, 'siteUrl' | 'siteFolders'>,
  [username, password]: readonly [string, string],
  copies = 1,
): Promise<readonly MemberSession[]> {
  const { cookie, csrf } = await logIn(stack.siteUrl, username, password)
  const content = readFileSync(sessionFile(stack, idOf(cookie)), 'latin1')
  rmSync(sessionFile(stack, idOf(cookie)))
  return Array.from({ length: copies }, () => createSession(stack, content, csrf))
}

/** A session with this content and an id of its own. PHP takes any id for which there is a file. */
export function createSession(stack: Pick<StackDescription, 'siteFolders'>, content: string, csrf = ''): MemberSession {
  made += 1
  const id = `fixed${process.pid}session${made}`
  const file = sessionFile(stack, id)
  const session: MemberSession = {
    cookie: `PHPSESSID=${id}`,
    csrf,
    restore: () => session.write(content),
    read: () => (existsSync(file) ? readFileSync(file, 'latin1') : undefined),
    write: (text) => writeFileSync(file, text, { encoding: 'latin1', mode: 0o600 }),
    remove: () => rmSync(file, { force: true }),
  }
  session.restore()
  return session
}

// --- internal ---

let made = 0

function sessionFile({ siteFolders }: Pick<StackDescription, 'siteFolders'>, id: string): string {
  return join(siteFolders.sessions, `sess_${id}`)
}

function idOf(cookie: string): string {
  return cookie.slice(cookie.indexOf('=') + 1)
}
