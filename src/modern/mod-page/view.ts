import { renderBbcode } from '../frame/bbcode.ts'
import { countOf, escapeHtml, formatCount, formatDate, formatSize, urlEncode } from '../frame/html.ts'
import { csrfField, type Game, type Member, modPath } from '../frame/page.ts'
import { repairText } from '../frame/repair-text.ts'
import { renderComments } from './comments-view.ts'
import { renderFiles } from './files-view.ts'
import { avatarPath, isAdmin, rankName } from './member-text.ts'
import type { Author, Comment, Endorser, Mod, ModFile, ModImage, ReplyTo, RequiredBy, Requirement } from './queries.ts'

/** Everything that the mod page shows. */
export interface ModPage {
  readonly mod: Mod
  readonly games: readonly Game[]
  readonly member: Member | undefined
  readonly author: Author | undefined
  readonly files: readonly ModFile[]
  readonly images: readonly ModImage[]
  readonly requirements: readonly Requirement[]
  readonly requiredBy: readonly RequiredBy[]
  readonly endorsers: readonly Endorser[]
  readonly endorsed: boolean
  readonly comments: readonly Comment[]
  readonly commentTotal: number
  readonly commentPage: number
  readonly replyTo: ReplyTo | undefined
}

/** The page between the site's header and footer, to the byte as legacy pages/mod.php prints it. */
export function renderModPage(page: ModPage): string {
  return `${renderTitle(page)}<div id="side">
${renderEndorse(page)}${renderFacts(page.mod)}${renderAuthor(page.author)}<p class="report"><a href="/contact?mod=${page.mod.id}">Report this mod</a></p>
</div>
<div id="content">
<ul id="tabs">
<li><a href="#description">Description</a></li>
<li><a href="#files">Files (${page.files.length})</a></li>
<li><a href="#images">Images (${page.images.length})</a></li>
<li><a href="#requirements">Requirements (${page.requirements.length})</a></li>
<li><a href="#comments">Comments (${formatCount(page.commentTotal)})</a></li>
</ul>
<div id="description" class="box">
<h2>Description</h2>
<div class="bb">${renderBbcode(page.mod.description)}</div>
</div>
${renderFiles(page.files)}${renderImages(page.images)}${renderRequirements(page)}${renderComments(page)}</div>
`
}

export function isMine(page: { readonly mod: Mod; readonly member: Member | undefined }): boolean {
  return page.member?.id === page.mod.authorId
}

// --- internal ---

function renderTitle({ mod, member, author }: ModPage): string {
  const status = mod.status === 'draft' ? 'a draft' : escapeHtml(mod.status)
  const by =
    author === undefined ? 'a former member' : `<a href="/users/${author.id}">${escapeHtml(author.username)}</a>`
  let html =
    mod.status === 'published' ? '' : `<p class="flash info">This mod is ${status}. Visitors cannot see it.</p>\n`
  html += `<div id="mod-head" class="box">
<h1>${escapeHtml(repairText(mod.name))} <span class="version">${escapeHtml(mod.version)}</span></h1>
<p class="by">by ${by} for <a href="/${mod.domain}">${escapeHtml(mod.gameName)}</a></p>
<p class="summary">${escapeHtml(repairText(mod.summary))}</p>
`
  if (mod.adult === 1) html += '<p class="badge adult">Adult content</p>\n'
  else if (mod.adult === 2) html += '<p class="badge unreviewed">Not reviewed yet</p>\n'
  if (isMine({ mod, member }) || isAdmin(member)) {
    const hide = mod.status === 'hidden' ? 'Show this mod again' : 'Hide this mod'
    const administration = isAdmin(member) ? ' | <a href="/admin">Administration</a>' : ''
    html += `<p class="actions"><a href="/edit?id=${mod.id}">Edit this mod</a> | <a href="/hide?id=${mod.id}">${hide}</a>${administration}</p>\n`
  }
  return `${html}</div>\n`
}

function renderEndorse(page: ModPage): string {
  const { mod, endorsers } = page
  const latest = endorsers.map(
    (endorser) =>
      `<li><a href="/users/${endorser.id}">${escapeHtml(endorser.username)}</a> <span class="date">${formatDate(endorser.created)}</span></li>\n`,
  )
  return `<div id="endorse" class="box">
<h2>Endorsements</h2>
<p class="big"><span id="endorse-count">${formatCount(mod.endorsementCount)}</span></p>
${renderEndorseForm(page)}${
  latest.length === 0
    ? '<p>Nobody has endorsed this mod yet.</p>\n'
    : `<h3>Latest</h3>\n<ul class="endorsers">\n${latest.join('')}</ul>\n`
}</div>
`
}

function renderEndorseForm({ mod, member, endorsed }: ModPage): string {
  if (member === undefined)
    return `<p><a class="button" href="/login?return=${urlEncode(`/${mod.domain}/mods/${mod.id}`)}">Log in to endorse</a></p>\n`
  if (isMine({ mod, member })) return '<p>This is your own mod.</p>\n'
  if (mod.status !== 'published') return ''
  return `<form id="endorse-form" action="/ajax.php" method="post">
<div><input type="hidden" id="endorse-action" name="action" value="${endorsed ? 'abstain' : 'endorse'}" /><input type="hidden" name="mod_id" value="${mod.id}" />${csrfField(member.csrf)}
<button type="submit" id="endorse-button" class="button${endorsed ? ' on' : ''}">${endorsed ? 'Endorsed - take it back' : 'Endorse this mod'}</button></div>
</form>
<p id="endorse-message" role="status"></p>
`
}

function renderFacts(mod: Mod): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Version', escapeHtml(mod.version)],
    ['Category', mod.categoryName === null ? 'none' : escapeHtml(mod.categoryName)],
    ['Size', formatSize(mod.sizeBytes)],
    ['Downloads', formatCount(mod.downloadCount)],
    ['Unique downloads', formatCount(mod.uniqueDownloads)],
    ['Comments', formatCount(mod.commentCount)],
    ['Rating', mod.rating === '0.00' ? 'not rated' : mod.rating],
    ['Created', formatDate(mod.created)],
    ['Published', mod.published === null ? 'not yet' : formatDate(mod.published)],
    ['Updated', formatDate(mod.updated)],
    ['You may', permissionsText(mod.permissions)],
  ]
  const rows = facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`)
  return `<div class="box">\n<h2>Facts</h2>\n<table class="facts">\n${rows.join('')}</table>\n</div>\n`
}

/** 'modify,console' -> 'modify it, convert it for consoles' */
function permissionsText(set: string): string {
  const names = {
    modify: 'modify it',
    redistribute: 'upload it elsewhere',
    console: 'convert it for consoles',
    assets: 'use its assets',
  }
  const given = set.split(',')
  const texts = Object.entries(names).flatMap(([name, text]) => (given.includes(name) ? [text] : []))
  return texts.length === 0 ? 'ask the author first' : texts.join(', ')
}

function renderAuthor(author: Author | undefined): string {
  if (author === undefined) return ''
  const country = author.country === '' ? '' : ` from ${escapeHtml(author.country)}`
  return `<div class="box author">
<h2>Author</h2>
<p><img class="avatar" src="${avatarPath(author.avatar)}" width="64" height="64" alt="" /> <a href="/users/${author.id}">${escapeHtml(author.username)}</a></p>
<p class="rank">${rankName(author.rank)}</p>
<p>Joined ${formatDate(author.joined.slice(0, 10))}${country}, ${countOf(author.modCount, 'mod')}</p>
</div>
`
}

function renderImages(images: readonly ModImage[]): string {
  const items = images.map((image, index) => {
    const caption = escapeHtml(repairText(image.caption))
    const [alternative, below] = image.caption === '' ? [`Picture ${index + 1}`, ''] : [caption, `<br />${caption}`]
    return `<li><a href="/image.php?id=${image.id}"><img src="/image.php?id=${image.id}&amp;size=thumb" width="200" height="112" alt="${alternative}" /></a>${below}</li>\n`
  })
  const list =
    items.length === 0
      ? '<p>There are no pictures of this mod.</p>\n'
      : `<ul class="gallery">\n${items.join('')}</ul>\n`
  return `<div id="images" class="box">\n<h2>Images</h2>\n${list}</div>\n`
}

function renderRequirements({ requirements, requiredBy, games }: ModPage): string {
  const needed = requirements.map((requirement) => {
    const what =
      requirement.status === 'published'
        ? `<a href="${modPath(games, requirement.gameId, requirement.requiresId)}">${escapeHtml(repairText(requirement.name))}</a>`
        : `Mod ${requirement.requiresId} (no longer on this site)`
    const version = requirement.minVersion === '' ? '' : `, version ${escapeHtml(requirement.minVersion)} or later`
    const notes = requirement.notes === '' ? '' : ` - ${escapeHtml(repairText(requirement.notes))}`
    return `<li>${what}${version}${notes}</li>\n`
  })
  const needing = requiredBy.map((mod) => {
    const version = mod.minVersion === '' ? '' : `, from version ${escapeHtml(mod.minVersion)}`
    return `<li><a href="${modPath(games, mod.gameId, mod.id)}">${escapeHtml(repairText(mod.name))}</a>${version}</li>\n`
  })
  return `<div id="requirements" class="box">
<h2>Requirements</h2>
${needed.length === 0 ? '<p>This mod needs nothing but the game.</p>\n' : `<ul>\n${needed.join('')}</ul>\n`}${
  needing.length === 0 ? '' : `<h3>Mods requiring this</h3>\n<ul>\n${needing.join('')}</ul>\n`
}</div>
`
}
