import { eq } from 'drizzle-orm'
import type { FigServices } from '../../index.ts'
import { cookieValue } from '../../php/index.ts'
import { users } from '../schema.ts'
import type { Member } from './page.ts'

/**
 * Who asks, by the PHP session. `declined`: PHP would write the session now (or create one), which is not carried here
 * yet, so PHP has to answer.
 */
export type Visit =
  | { readonly outcome: 'anonymous'; readonly hasSession: boolean }
  | { readonly outcome: 'member'; readonly hasSession: true; readonly member: Member }
  | { readonly outcome: 'declined'; readonly reason: string }

/**
 * Does what legacy start_session_if_any() and current_user() do, as far as that only reads.
 * @param takesFlashes whether the answer would show, and so use up, the messages that wait in the session
 */
export async function identifyVisit(
  fig: Pick<FigServices, 'php' | 'postgres'>,
  cookies: string | undefined,
  { takesFlashes }: { readonly takesFlashes: boolean },
): Promise<Visit> {
  const remembers = cookieValue(cookies, 'MVREMEMBER') !== undefined
  if (cookieValue(cookies, 'PHPSESSID') === undefined)
    return remembers ? declined('remember-me') : { outcome: 'anonymous', hasSession: false }
  const session = await fig.php.session(cookies)
  if (session === undefined) return declined('session-unknown')
  if (takesFlashes && session.isTruthy('flash')) return declined('flash-message')
  const userId = session.integer('user_id')
  if (userId === undefined || userId === 0n) {
    if (session.get('user_id') !== undefined) return declined('user-id-not-an-integer')
    return remembers ? declined('remember-me') : { outcome: 'anonymous', hasSession: true }
  }
  const [user] = await fig.postgres
    .select({ id: users.id, username: users.username, rank: users.rank, banned: users.banned })
    .from(users)
    .where(eq(users.id, Number(userId)))
  if (user === undefined || user.banned === '1') return { outcome: 'anonymous', hasSession: true }
  const csrf = session.text('csrf')
  if (csrf === undefined || !/^[0-9a-f]+$/.test(csrf)) return declined('no-csrf-token')
  return {
    outcome: 'member',
    hasSession: true,
    member: { id: user.id, username: user.username, rank: user.rank, csrf },
  }
}

/** What PHP's session.cache_limiter=nocache sends as soon as a session runs. */
export function sessionHeaders(hasSession: boolean): Readonly<Record<string, string>> {
  return hasSession
    ? {
        Expires: 'Thu, 19 Nov 1981 08:52:00 GMT',
        'Cache-Control': 'no-store, no-cache, must-revalidate',
        Pragma: 'no-cache',
      }
    : {}
}

// --- internal ---

function declined(reason: string): Visit {
  return { outcome: 'declined', reason }
}
