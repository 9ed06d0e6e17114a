import { asc } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { FigServices, ModernHandler } from '../../index.ts'
import { pageNumber } from '../frame/html.ts'
import { htmlResponse } from '../frame/html-response.ts'
import { identifyVisit } from '../frame/member.ts'
import { type Game, type Member, renderPage } from '../frame/page.ts'
import { readPlainQuery } from '../frame/plain-query.ts'
import { repairText } from '../frame/repair-text.ts'
import { games } from '../schema.ts'
import { isAdmin } from './member-text.ts'
import * as queries from './queries.ts'
import { isMine, type ModPage, renderModPage } from './view.ts'

/** `GET /:game/mods/:id` and `GET /index.php?page=mod&id=:id`: legacy pages/mod.php. */
export const showMod: ModernHandler<{ readonly id: string; readonly game?: string }> = async (context) => {
  const { fig } = context.env
  const query = readPlainQuery(new URL(context.req.url).search)
  if (query === undefined) return fig.legacy('unusual-query')
  // nginx appends the visitor's query to the rewritten one, so these would override the path.
  if (fig.params.game !== undefined && ['page', 'id', 'game'].some((name) => query.has(name)))
    return fig.legacy('query-overrides-path')
  const visit = await identifyVisit(fig, context.req.header('cookie'), { takesFlashes: true })
  if (visit.outcome === 'declined') return fig.legacy(visit.reason)
  const member = visit.outcome === 'member' ? visit.member : undefined
  const mod = await findVisibleMod(fig, member)
  // The error page and the redirect of a mod under another game's name stay with PHP for now.
  if (mod === undefined) return fig.legacy('mod-not-visible')
  if ((fig.params.game ?? query.get('game') ?? mod.domain) !== mod.domain) return fig.legacy('mod-of-another-game')
  const gameList = await listGames(fig.postgres)
  const page = await loadPage(fig.postgres, mod, member, gameList, query)
  const path = `/${mod.domain}/mods/${mod.id}`
  const frame = { origin: fig.origin, member, games: gameList, search: query.get('q') ?? '' }
  const crumbs: (readonly [string, string])[] = [[`/${mod.domain}`, mod.gameName]]
  if (mod.categoryName !== null) crumbs.push([`/${mod.domain}?cat=${mod.categoryId}`, mod.categoryName])
  const head = {
    title: repairText(mod.name),
    bodyClass: 'mod',
    gameId: mod.gameId,
    canonicalPath: path,
    description: repairText(mod.summary),
    noIndex: mod.status !== 'published',
    crumbs,
    script: 'mod.js',
  }
  return htmlResponse(context, renderPage(frame, head, renderModPage(page)), visit.hasSession)
}

// --- internal ---

/** Published ones for everybody, the author's own unless removed, all for an administrator. */
async function findVisibleMod(
  fig: Pick<FigServices, 'postgres'> & { readonly params: { readonly id: string } },
  member: Member | undefined,
): Promise<queries.Mod | undefined> {
  const mod = await queries.findMod(fig.postgres, Number(fig.params.id))
  if (mod === undefined) return undefined
  const visible = mod.status === 'published' || isAdmin(member) || (isMine({ mod, member }) && mod.status !== 'removed')
  return visible ? mod : undefined
}

async function listGames(database: NodePgDatabase): Promise<readonly Game[]> {
  const rows = await database
    .select({ id: games.id, domain: games.domain, name: games.name, active: games.active })
    .from(games)
    .orderBy(asc(games.sortOrder), asc(games.id))
  return rows.map((game) => ({ ...game, active: game.active !== 0 }))
}

async function loadPage(
  database: NodePgDatabase,
  mod: queries.Mod,
  member: Member | undefined,
  gameList: readonly Game[],
  query: ReadonlyMap<string, string>,
): Promise<ModPage> {
  const [author, files, images, requirements, requiredBy, endorsers, commentTotal, endorsed, replyTo] =
    await Promise.all([
      queries.findAuthor(database, mod.authorId),
      queries.listFiles(database, mod.id),
      queries.listImages(database, mod.id),
      queries.listRequirements(database, mod.id),
      queries.listRequiredBy(database, mod.id),
      queries.listEndorsers(database, mod.id),
      queries.countComments(database, mod.id),
      member === undefined ? false : queries.hasEndorsed(database, mod.id, member.id),
      member === undefined ? undefined : findReplyTo(database, mod.id, query.get('reply')),
    ])
  const commentPage = pageNumber(query.get('cp') ?? '1', commentTotal, queries.commentsPerPage)
  const comments = await queries.listComments(database, mod.id, commentPage)
  return {
    ...{ mod, games: gameList, member, author, files, images, requirements, requiredBy, endorsers, endorsed },
    ...{ comments, commentTotal, commentPage, replyTo },
  }
}

/** PHP's (int): leading digits, else 0, which no comment has. */
async function findReplyTo(database: NodePgDatabase, modId: number, reply: string | undefined) {
  const commentId = Number(/^\s*\+?(\d{1,15})/.exec(reply ?? '')?.[1] ?? 0)
  return commentId === 0 ? undefined : queries.findReplyTo(database, modId, commentId)
}
