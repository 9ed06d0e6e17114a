/** The site's small output functions, to the byte as legacy inc/functions.php prints them. */

/** h(): htmlspecialchars with ENT_QUOTES and double encoding. */
export function escapeHtml(text: string | number | null): string {
  const plain = String(text ?? '')
  return /[&<>"']/.test(plain) ? plain.replace(/[&<>"']/g, (character) => entities[character] ?? character) : plain
}

/** "1.4 MB": cut, not rounded. `bytes` is a decimal of any size and is read as PHP reads it, as a double. */
export function formatSize(bytes: string): string {
  let size = Number(bytes)
  let unit = 0
  while (size >= 1024 && unit < 6) {
    size /= 1024
    unit++
  }
  if (unit === 0) return `${Math.trunc(size)} bytes`
  const tenths = Math.floor(size * 10)
  return `${Math.floor(tenths / 10)}.${tenths % 10} ${sizeUnits[unit]}`
}

/** '2011-11-11 08:30:00' -> '11 Nov 2011, 08:30'; null and zero dates -> 'unknown'. Days that do not exist are printed. */
export function formatDate(date: string | null): string {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}:[0-9]{2}))?/.exec(date ?? '')
  if (match === null) return 'unknown'
  const [, year = '', month = '', day = '', time] = match
  const name = months[Number(month) - 1]
  if (year === '0000' || name === undefined || day === '00') return 'unknown'
  return `${Number(day)} ${name} ${year}${time === undefined ? '' : `, ${time}`}`
}

/** number_format($n, 0, '.', ',') */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** '1 mod', '2,000 mods' */
export function countOf(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`
}

/** The page that was asked for, between 1 and the last one. PHP's (int) reads leading digits and ignores the rest. */
export function pageNumber(asked: string | undefined, total: number, perPage: number): number {
  const pages = Math.max(1, Math.ceil(total / perPage))
  const leading = /^[ \t\n\r\v\f]*([+-]?\d+)/.exec(asked ?? '')?.[1]
  return Math.max(1, Math.min(pages, leading === undefined ? 0 : Number(leading)))
}

/** `url` has {page} where the number goes and is plain text. Empty where there is only one page. */
export function paginate(total: number, perPage: number, page: number, url: string): string {
  const pages = Math.ceil(total / perPage)
  if (pages < 2) return ''
  const link = (number: number) => escapeHtml(url.replaceAll('{page}', String(number)))
  let html = `<div class="pages"><span class="pages-of">Page ${page} of ${pages}</span>`
  if (page > 1) html += ` <a rel="prev" href="${link(page - 1)}">&laquo; Previous</a>`
  let last = 0
  for (const number of shownPages(pages, page)) {
    if (number > last + 1) html += ' <span class="gap">&hellip;</span>'
    last = number
    html += number === page ? ` <strong>${number}</strong>` : ` <a href="${link(number)}">${number}</a>`
  }
  if (page < pages) html += ` <a rel="next" href="${link(page + 1)}">Next &raquo;</a>`
  return `${html}</div>\n`
}

/** PHP's urlencode(). */
export function urlEncode(text: string): string {
  const encoded = encodeURIComponent(text).replaceAll('%20', '+')
  return encoded.replace(/[!'()*~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** text_lines(): plain text with its line breaks. */
export function escapeLines(text: string): string {
  return escapeHtml(text.replace(/\r\n?/g, '\n')).replaceAll('\n', '<br />\n')
}

// --- internal ---

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#039;',
}
const sizeUnits = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The first two, the last two, and those around the current one, by the rules of the PHP loop. */
function shownPages(pages: number, page: number): readonly number[] {
  const shown: number[] = []
  for (let number = 1; number <= pages; number++) {
    if (number === 3 && page > 6) number = page - 2
    else if (number === page + 3 && number < pages - 1) number = pages - 1
    shown.push(number)
  }
  return shown
}
