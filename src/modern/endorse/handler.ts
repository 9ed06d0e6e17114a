import { timingSafeEqual } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import type { FigServices, ModernHandler, SyncTransaction } from '../../index.ts'
import { identifyVisit, sessionHeaders } from '../frame/member.ts'
import { endorsements, mods } from '../schema.ts'
import { readForm } from './form.ts'

/** `POST /ajax.php` with action=endorse or action=abstain: legacy ajax_endorse(). */
export const endorse: ModernHandler = async (context) => {
  const { fig } = context.env
  const form = readForm(fig.body)
  const action = form?.get('action')
  if (form === undefined || (action !== 'endorse' && action !== 'abstain')) return fig.legacy('unusual-form')
  const visit = await identifyVisit(fig, context.req.header('cookie'), { takesFlashes: false })
  if (visit.outcome === 'declined') return fig.legacy(visit.reason)
  const refuse = (error: Refusal) => answer({ ok: false, error }, refusals[error], visit.hasSession)
  if (visit.outcome === 'anonymous') return refuse('login')
  if (!sameToken(visit.member.csrf, form.get('csrf') ?? '')) return refuse('csrf')
  const mod = await findPublishedMod(fig, form.get('mod_id') ?? '')
  if (mod === undefined) return refuse('not-found')
  if (mod.authorId === visit.member.id) return refuse('own-mod')
  const key = { modId: mod.id, userId: visit.member.id }
  const count = await fig.sync.transaction('mods', (tx) => setEndorsed(tx, key, action === 'endorse'), {
    signal: fig.signal,
  })
  return answer({ ok: true, endorsed: action === 'endorse', count }, 200, true)
}

// --- internal ---

type Refusal = 'login' | 'csrf' | 'not-found' | 'own-mod'

const refusals: Readonly<Record<Refusal, number>> = { login: 403, csrf: 403, 'not-found': 404, 'own-mod': 409 }

interface EndorsementKey {
  readonly modId: number
  readonly userId: number
}

/** posted_id(): at most ten digits, anything else finds nothing. */
async function findPublishedMod(fig: Pick<FigServices, 'postgres'>, text: string) {
  if (!/^\d{1,10}$/.test(text)) return undefined
  const [mod] = await fig.postgres
    .select({ id: mods.id, authorId: mods.authorId })
    .from(mods)
    .where(and(eq(mods.id, Number(text)), eq(mods.status, 'published')))
  return mod
}

/**
 * Endorsing again changes nothing, and who never endorsed has nothing to take back.
 * @returns the count that MySQL's trigger arrives at: it, not the handler, keeps mods.endorsement_count
 */
async function setEndorsed(tx: SyncTransaction, key: EndorsementKey, endorsed: boolean): Promise<number> {
  const isKey = and(eq(endorsements.modId, key.modId), eq(endorsements.userId, key.userId))
  const [before] = await tx.select({ status: endorsements.status }).from(endorsements).where(isKey).for('update')
  if (before === undefined && endorsed)
    await tx.insert(endorsements).values({ ...key, status: 1, created: wholeSecond(new Date()) })
  else if (before !== undefined && before.status !== (endorsed ? 1 : 2))
    await tx
      .update(endorsements)
      .set({ status: endorsed ? 1 : 2 })
      .where(isKey)
  const [mod] = await tx.select({ count: mods.endorsementCount }).from(mods).where(eq(mods.id, key.modId))
  const counted = before?.status === 1 ? 1 : 0
  const counts = endorsed ? 1 : 0
  return (mod?.count ?? 0) + counts - counted
}

/** MySQL's TIMESTAMP has no fraction. */
function wholeSecond(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

function sameToken(expected: string, sent: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(sent)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function answer(data: object, status: number, hasSession: boolean): Response {
  const json = JSON.stringify(data)
  return new Response(json, {
    status,
    headers: {
      Server: 'nginx',
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(json)),
      ...sessionHeaders(hasSession),
    },
  })
}
