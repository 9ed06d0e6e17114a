import { escapeHtml } from './html.ts'
import { repairText } from './repair-text.ts'

/**
 * BBCode to HTML, to the byte as legacy inc/bbcode.php. A tag that does not fit (unknown, closed without being open,
 * a block inside bold text) stays in the text as it is; whatever is open at the end is closed.
 */
export function renderBbcode(source: string | null): string {
  const text = escapeHtml(dropLineEnds(repairText(source).replace(/\r\n?/g, '\n')))
  const parts = text.split(/(\[\/?[a-z]+(?:=[^[\]\n]*)?\]|\[\*\])/i)
  const open: OpenTag[] = []
  let html = ''
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? ''
    if (index % 2 === 0) {
      html += renderText(part, open)
      continue
    }
    const kind = /^\[(url|img)\]$/i.exec(part)?.[1]?.toLowerCase()
    if (open.at(-1) === 'code' && part.toLowerCase() !== '[/code]') html += part
    else if (part === '[*]') html += renderItem(part, open)
    else if (part.startsWith('[/')) html += closeTag(part, open)
    else if (kind !== undefined && parts[index + 2]?.toLowerCase() === `[/${kind}]`) {
      // [url]address[/url] and [img]address[/img] take their text as the address.
      html += renderAddress(kind, parts[index + 1] ?? '', open)
      index += 2
    } else html += kind === undefined ? openTag(part, open) : renderText(part, open)
  }
  while (open.length > 0) html += endOf(open.pop())
  return html
}

// --- internal ---

type OpenTag = string

const inlineTags: Readonly<Record<string, string>> = {
  b: '<strong>',
  i: '<em>',
  u: '<span class="u">',
  s: '<del>',
}
const blockTags: Readonly<Record<string, string>> = {
  quote: '<blockquote><div>',
  code: '<pre><code>',
  center: '<div class="center">',
  list: '<ul>\n',
  'list=1': '<ol>\n',
  spoiler: '<div class="spoiler">',
}
const inlineNames = new Set(['b', 'i', 'u', 's', 'color', 'size', 'url'])
const ends: Readonly<Record<string, string>> = {
  b: '</strong>',
  i: '</em>',
  u: '</span>',
  s: '</del>',
  color: '</span>',
  size: '</span>',
  url: '</a>',
  quote: '</div></blockquote>',
  code: '</code></pre>',
  center: '</div>',
  list: '</ul>',
  'list=1': '</ol>',
  '*': '</li>\n',
  spoiler: '</div>',
}

/** A line end beside a block is not one more empty line. */
function dropLineEnds(text: string): string {
  return text
    .replace(/\n*(\[\*\]|\[\/list\])/gi, '$1')
    .replace(/\n(\[\/(?:quote|code|center|spoiler)\])/gi, '$1')
    .replace(/(\[(?:quote|code|center|spoiler)(?:=[^[\]\n]*)?\])\n/gi, '$1')
    .replace(/(\[\/(?:quote|code|center|list|spoiler)\])\n/gi, '$1')
}

function isList(tag: OpenTag | undefined): boolean {
  return tag === 'list' || tag === 'list=1'
}

function endOf(tag: OpenTag | undefined): string {
  return ends[tag ?? ''] ?? ''
}

/** In a list before the first [*] there can be no text. */
function renderText(text: string, open: readonly OpenTag[]): string {
  const top = open.at(-1)
  if (top === 'code') return text
  return isList(top) ? '' : text.replaceAll('\n', '<br />\n')
}

function openTag(tag: string, open: OpenTag[]): string {
  let name = tag.slice(1, -1).toLowerCase()
  let value = ''
  const equals = name === 'list=1' ? -1 : name.indexOf('=')
  if (equals >= 0) {
    value = tag.slice(equals + 2, -1)
    name = name.slice(0, equals)
  }
  const html = isList(open.at(-1)) ? undefined : (openInline(name, value, open) ?? openBlock(name, value, open))
  return html ?? renderText(tag, open)
}

function openInline(name: string, value: string, open: OpenTag[]): string | undefined {
  const plain = value === '' && Object.hasOwn(inlineTags, name) ? inlineTags[name] : undefined
  const html =
    plain ??
    (name === 'color' && /^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20})$/i.test(value)
      ? `<span style="color: ${value.toLowerCase()}">`
      : name === 'size' && /^[1-7]$/.test(value)
        ? `<span class="size${value}">`
        : name === 'url' && /^(https?:\/\/|\/)[^ \t]+$/i.test(value) && !open.includes('url')
          ? `<a href="${value}" rel="nofollow">`
          : undefined)
  if (html !== undefined) open.push(name)
  return html
}

function openBlock(name: string, value: string, open: OpenTag[]): string | undefined {
  if (!Object.hasOwn(blockTags, name) || (value !== '' && name !== 'quote')) return undefined
  if (open.some((tag) => inlineNames.has(tag))) return undefined
  open.push(name)
  const quoted = value.replace(/^&quot;(.*)&quot;$/, '$1')
  return value === '' ? blockTags[name] : `<blockquote><div><cite>${quoted} wrote:</cite><br />`
}

/** Next item of the innermost list. Ends the item before it, and what is still open in that. */
function renderItem(tag: string, open: OpenTag[]): string {
  const at = open.findLastIndex(isList)
  if (at < 0) return tag
  let html = ''
  while (open.length > at + 1) html += endOf(open.pop())
  open.push('*')
  return `${html}<li>`
}

/** Closes the tag and what was opened inside it and forgotten. A list item ends only at [*] or [/list]. */
function closeTag(tag: string, open: OpenTag[]): string {
  const name = tag.slice(2, -1).toLowerCase()
  const at = openIndex(name, open)
  if (at < 0) return renderText(tag, open)
  let html = ''
  while (open.length > at) html += endOf(open.pop())
  return html
}

function openIndex(name: string, open: readonly OpenTag[]): number {
  for (let index = open.length - 1; index >= 0; index--) {
    if (open[index] === name || (name === 'list' && open[index] === 'list=1')) return index
    if (open[index] === '*' && name !== 'list') return -1
  }
  return -1
}

/** `\n?$`: PHP's `$` also matches before a line break at the end. */
function renderAddress(kind: string, address: string, open: readonly OpenTag[]): string {
  const fits = /^(https?:\/\/|\/)[^ \t\n]+\n?$/i.test(address) && !isList(open.at(-1))
  if (!fits || (kind === 'url' && open.includes('url'))) return renderText(`[${kind}]${address}[/${kind}]`, open)
  if (kind === 'url') return `<a href="${address}" rel="nofollow">${address}</a>`
  // No pictures from other sites since the incident of 2012, only a link to them.
  if (address.startsWith('/') && address[1] !== '/') return `<img src="${address}" alt="" />`
  return open.includes('url') ? address : `<a href="${address}" rel="nofollow">${address}</a>`
}
