import { renderBbcode } from '../frame/bbcode.ts'
import { countOf, escapeHtml, formatDate, paginate, urlEncode } from '../frame/html.ts'
import { csrfField, type Member } from '../frame/page.ts'
import { avatarPath, isAdmin, rankName } from './member-text.ts'
import { type Comment, commentsPerPage, type Mod, type ReplyTo } from './queries.ts'

export interface CommentsSection {
  readonly mod: Mod
  readonly member: Member | undefined
  readonly comments: readonly Comment[]
  readonly commentTotal: number
  readonly commentPage: number
  readonly replyTo: ReplyTo | undefined
}

export function renderComments(section: CommentsSection): string {
  const { mod, member, comments } = section
  const path = `/${mod.domain}/mods/${mod.id}`
  const pages = paginate(section.commentTotal, commentsPerPage, section.commentPage, `${path}?cp={page}#comments`)
  const list = comments.map((comment) => renderComment(comment, { mod, member, path }))
  return `<div id="comments" class="box">
<h2>Comments</h2>
${pages}${list.length === 0 ? '<p>No comments yet.</p>\n' : list.join('')}${pages}${renderForm(section, path)}</div>
`
}

// --- internal ---

interface CommentContext {
  readonly mod: Mod
  readonly member: Member | undefined
  readonly path: string
}

function renderComment(comment: Comment, { mod, member, path }: CommentContext): string {
  if (comment.deleted !== 0)
    return `<div class="comment deleted" id="comment-${comment.id}">\n<p>This comment was deleted.</p>\n</div>\n`
  const byAuthor = comment.userId === mod.authorId ? ' by-author' : ''
  const reply = comment.parentName === null ? '' : `, in reply to ${escapeHtml(comment.parentName)}`
  const from = isAdmin(member) ? `, from ${dottedAddress(comment.ip)}` : ''
  let below = comment.edited === null ? '' : `<p class="edited">Edited ${formatDate(comment.edited)}</p>\n`
  if (comment.signature !== '') below += `<div class="signature bb">${renderBbcode(comment.signature)}</div>\n`
  return `<div class="comment${byAuthor}" id="comment-${comment.id}">
<div class="poster">
<img class="avatar" src="${avatarPath(comment.avatar)}" width="64" height="64" alt="" />
<p><a href="/users/${comment.userId}">${escapeHtml(comment.username)}</a></p>
<p class="rank">${rankName(comment.rank)}</p>
<p>Joined ${formatDate(comment.joined.slice(0, 10))}</p>
<p>${countOf(comment.modCount, 'mod')}</p>
</div>
<div class="post">
<p class="meta"><a href="#comment-${comment.id}">#${comment.id}</a> ${formatDate(comment.created)}${reply}${from}</p>
<div class="bb">${renderBbcode(comment.body.toString('utf8'))}</div>
${below}${renderActions(comment, member, path)}</div>
</div>
`
}

function renderActions(comment: Comment, member: Member | undefined, path: string): string {
  if (member === undefined) return ''
  const remove = `<form action="/comment" method="post"><div><input type="hidden" name="action" value="delete" /><input type="hidden" name="id" value="${comment.id}" />${csrfField(member.csrf)}<input type="submit" class="link" value="Delete" /></div></form>`
  const mayEdit = comment.userId === member.id || isAdmin(member)
  const edit = mayEdit ? ` | <a href="/comment?action=edit&amp;id=${comment.id}">Edit</a> | ${remove}` : ''
  return `<div class="actions"><a href="${path}?reply=${comment.id}#comment-form">Reply</a>${edit}</div>\n`
}

function renderForm({ mod, member, replyTo }: CommentsSection, path: string): string {
  if (member === undefined)
    return `<p><a href="/login?return=${urlEncode(`${path}#comments`)}">Log in</a> to write a comment.</p>\n`
  if (mod.status !== 'published') return ''
  const title = replyTo === undefined ? 'Add a comment' : `Reply to ${escapeHtml(replyTo.username)}`
  return `<form id="comment-form" action="/comment" method="post">
<div><input type="hidden" name="action" value="add" /><input type="hidden" name="mod_id" value="${mod.id}" /><input type="hidden" name="parent_id" value="${replyTo?.id ?? 0}" />${csrfField(member.csrf)}</div>
<h3>${title}</h3>
<p><label for="comment-body">Your comment (BBCode is allowed)</label><br /><textarea id="comment-body" name="body" rows="6" cols="70"></textarea></p>
<p><input type="submit" class="button" value="Post comment" /></p>
</form>
`
}

/** long2ip() */
function dottedAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
