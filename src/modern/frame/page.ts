import { escapeHtml } from './html.ts'

/** What the frame of every page shows, to the byte as legacy inc/header.php and inc/footer.php print it. */
export interface Frame {
  /** Scheme and host as the visitor sees them. */
  readonly origin: string
  readonly member: Member | undefined
  readonly games: readonly Game[]
  /** The search box's text: `q` of the request. */
  readonly search: string
}

export interface Member {
  readonly id: number
  readonly username: string
  /** 0 member, 1 creator, 2 administrator. */
  readonly rank: number
  readonly csrf: string
}

export interface Game {
  readonly id: number
  readonly domain: string
  readonly name: string
  readonly active: boolean
}

export interface PageHead {
  readonly title: string
  readonly bodyClass: string
  readonly gameId?: number
  readonly description?: string
  readonly noIndex?: boolean
  readonly canonicalPath?: string
  /** File in /js/. */
  readonly script?: string
  /** Between "Home" and the page itself: path and text. */
  readonly crumbs?: readonly (readonly [string, string])[]
}

export function renderPage(frame: Frame, head: PageHead, body: string): string {
  return `${renderHead(frame, head)}${renderTop(frame, head)}${body}${footer}`
}

/** The path of a mod whose game is known by id only, as mod_url() builds it. */
export function modPath(games: readonly Game[], gameId: number | null, modId: number): string {
  return `/${games.find((game) => game.id === gameId)?.domain ?? 'unknown'}/mods/${modId}`
}

export function csrfField(csrf: string): string {
  return `<input type="hidden" name="csrf" value="${csrf}" />`
}

// --- internal ---

const siteName = 'ModVault'
/** Raised by one when css or js change: they are cached for years. The same number as in legacy inc/common.php. */
const assetVersion = '14'

function renderHead(frame: Frame, head: PageHead): string {
  let html = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>${escapeHtml(head.title)} - ${siteName}</title>
`
  if (head.description !== undefined) html += `<meta name="description" content="${escapeHtml(head.description)}" />\n`
  if (head.noIndex === true) html += '<meta name="robots" content="noindex" />\n'
  if (head.canonicalPath !== undefined)
    html += `<link rel="canonical" href="${escapeHtml(frame.origin + head.canonicalPath)}" />\n`
  html += `<link rel="stylesheet" type="text/css" href="/css/style.css?v=${assetVersion}" />
<link rel="alternate" type="application/rss+xml" title="${siteName} - latest mods" href="/rss.xml" />
<link rel="shortcut icon" href="/favicon.ico" />
`
  if (head.script !== undefined)
    html += `<script type="text/javascript" src="/js/${head.script}?v=${assetVersion}"></script>\n`
  return `${html}</head>\n<body class="${head.bodyClass}">\n`
}

function renderTop(frame: Frame, head: PageHead): string {
  const menu = frame.games
    .filter((game) => game.active)
    .map((game) => {
      const on = game.id === head.gameId ? ' class="on"' : ''
      return `<li${on}><a href="/${game.domain}">${escapeHtml(game.name)}</a></li>\n`
    })
  return `<div id="wrap">
<div id="header">
<a id="logo" href="/"><img src="/img/logo.png" width="240" height="60" alt="${siteName}" /></a>
<form id="search" action="/search" method="get">
<div><label for="search-q">Search mods</label> <input type="text" id="search-q" name="q" value="${escapeHtml(frame.search)}" maxlength="80" /> <input type="submit" value="Go" /></div>
</form>
${renderMember(frame.member)}
</div>
<ul id="menu">
<li><a href="/">Home</a></li>
<li><a href="/games">All games</a></li>
${menu.join('')}<li><a href="/news">News</a></li>
</ul>
<div id="main">
${renderCrumbs(head)}`
}

function renderMember(member: Member | undefined): string {
  if (member === undefined) return '<p id="member"><a href="/login">Log in</a> | <a href="/register">Register</a></p>'
  const admin = member.rank === 2 ? ' | <a href="/admin">Admin</a>' : ''
  return `<p id="member">Hello, <a href="/users/${member.id}">${escapeHtml(member.username)}</a> | <a href="/dashboard">Dashboard</a> | <a href="/upload">Upload</a>${admin} | <a href="/logout?csrf=${member.csrf}">Log out</a></p>`
}

function renderCrumbs(head: PageHead): string {
  if (head.crumbs === undefined) return ''
  const links = head.crumbs.map(([path, text]) => `<a href="${escapeHtml(path)}">${escapeHtml(text)}</a> &raquo; `)
  return `<p id="crumbs"><a href="/">Home</a> &raquo; ${links.join('')}${escapeHtml(head.title)}</p>\n`
}

const footer = `</div>
<div id="footer">
<p><a href="/news">News</a> | <a href="/stats.php">Statistics</a> | <a href="/index.php?page=rules">Rules</a> | <a href="/contact">Contact</a> | <a href="/rss.xml">RSS</a> | <a href="/sitemap.xml">Sitemap</a></p>
<p>&copy; 2006-2014 the ModVault team. Mods belong to those who made them. Best viewed at 1024x768.</p>
</div>
</div>
</body>
</html>
`
