import { and, asc, count, desc, eq, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { alias, type PgColumn } from 'drizzle-orm/pg-core'
import {
  categories,
  comments,
  endorsements,
  games,
  modFiles,
  modImages,
  modRequirements,
  mods,
  users,
} from '../schema.ts'

export const commentsPerPage = 20
const endorsersShown = 12
const requiredByShown = 20

type Database = NodePgDatabase

/** The mod with the names of its game and category, or undefined. Hidden and removed ones are found, too. */
export async function findMod(database: Database, modId: number) {
  const [row] = await database
    .select({ mod: mods, domain: games.domain, gameName: games.name, categoryName: categories.name })
    .from(mods)
    .innerJoin(games, eq(games.id, mods.gameId))
    .leftJoin(categories, eq(categories.id, mods.categoryId))
    .where(eq(mods.id, modId))
  return row === undefined
    ? undefined
    : { ...row.mod, domain: row.domain, gameName: row.gameName, categoryName: row.categoryName }
}

export async function findAuthor(database: Database, authorId: number) {
  const [author] = await database
    .select({
      id: users.id,
      username: users.username,
      rank: users.rank,
      avatar: users.avatar,
      country: users.country,
      joined: users.joined,
      modCount: users.modCount,
    })
    .from(users)
    .where(eq(users.id, authorId))
  return author
}

export function listFiles(database: Database, modId: number) {
  return database
    .select()
    .from(modFiles)
    .where(eq(modFiles.modId, modId))
    .orderBy(zeroLast(modFiles.uploaded), desc(modFiles.id))
}

export function listImages(database: Database, modId: number) {
  return database
    .select({ id: modImages.id, caption: modImages.caption })
    .from(modImages)
    .where(eq(modImages.modId, modId))
    .orderBy(asc(modImages.position), asc(modImages.id))
}

/** The required mod's columns are null where it does not exist any more. */
export function listRequirements(database: Database, modId: number) {
  return database
    .select({
      requiresId: modRequirements.requiresId,
      minVersion: modRequirements.minVersion,
      notes: modRequirements.notes,
      gameId: mods.gameId,
      name: mods.name,
      status: mods.status,
    })
    .from(modRequirements)
    .leftJoin(mods, eq(mods.id, modRequirements.requiresId))
    .where(eq(modRequirements.modId, modId))
    .orderBy(asc(modRequirements.requiresId))
}

export function listRequiredBy(database: Database, modId: number) {
  return database
    .select({ id: mods.id, gameId: mods.gameId, name: mods.name, minVersion: modRequirements.minVersion })
    .from(modRequirements)
    .innerJoin(mods, eq(mods.id, modRequirements.modId))
    .where(and(eq(modRequirements.requiresId, modId), eq(mods.status, 'published')))
    .orderBy(desc(mods.endorsementCount), asc(mods.id))
    .limit(requiredByShown)
}

export function listEndorsers(database: Database, modId: number) {
  return database
    .select({ id: users.id, username: users.username, created: endorsements.created })
    .from(endorsements)
    .innerJoin(users, eq(users.id, endorsements.userId))
    .where(and(eq(endorsements.modId, modId), eq(endorsements.status, 1)))
    .orderBy(desc(endorsements.created), desc(endorsements.userId))
    .limit(endorsersShown)
}

export async function hasEndorsed(database: Database, modId: number, userId: number): Promise<boolean> {
  const [row] = await database
    .select({ status: endorsements.status })
    .from(endorsements)
    .where(and(eq(endorsements.modId, modId), eq(endorsements.userId, userId)))
  return row?.status === 1
}

export async function countComments(database: Database, modId: number): Promise<number> {
  const [row] = await database.select({ total: count() }).from(comments).where(eq(comments.modId, modId))
  return row?.total ?? 0
}

export function listComments(database: Database, modId: number, page: number) {
  const parent = alias(comments, 'parent')
  const parentPoster = alias(users, 'parent_poster')
  return database
    .select({
      id: comments.id,
      userId: comments.userId,
      body: comments.body,
      ip: comments.ip,
      created: comments.created,
      edited: comments.edited,
      deleted: comments.deleted,
      username: users.username,
      rank: users.rank,
      avatar: users.avatar,
      joined: users.joined,
      modCount: users.modCount,
      signature: users.signature,
      parentName: parentPoster.username,
    })
    .from(comments)
    .innerJoin(users, eq(users.id, comments.userId))
    .leftJoin(parent, eq(parent.id, comments.parentId))
    .leftJoin(parentPoster, eq(parentPoster.id, parent.userId))
    .where(eq(comments.modId, modId))
    .orderBy(zeroLast(comments.created), desc(comments.id))
    .limit(commentsPerPage)
    .offset((page - 1) * commentsPerPage)
}

/** The comment that the form answers, if it is a comment of this mod that still stands. */
export async function findReplyTo(database: Database, modId: number, commentId: number) {
  const [row] = await database
    .select({ id: comments.id, username: users.username })
    .from(comments)
    .innerJoin(users, eq(users.id, comments.userId))
    .where(and(eq(comments.id, commentId), eq(comments.modId, modId), eq(comments.deleted, 0)))
  return row
}

export type Mod = NonNullable<Awaited<ReturnType<typeof findMod>>>
export type Author = NonNullable<Awaited<ReturnType<typeof findAuthor>>>
export type ModFile = Awaited<ReturnType<typeof listFiles>>[number]
export type ModImage = Awaited<ReturnType<typeof listImages>>[number]
export type Requirement = Awaited<ReturnType<typeof listRequirements>>[number]
export type RequiredBy = Awaited<ReturnType<typeof listRequiredBy>>[number]
export type Endorser = Awaited<ReturnType<typeof listEndorsers>>[number]
export type Comment = Awaited<ReturnType<typeof listComments>>[number]
export type ReplyTo = NonNullable<Awaited<ReturnType<typeof findReplyTo>>>

// --- internal ---

/** Newest first. MySQL's zero date, null here, is its oldest. */
function zeroLast(column: PgColumn) {
  return sql`${column} desc nulls last`
}
