import { type HeaderList, headerBits, type RequestHead } from '../http1/index.ts'
import type { Side } from '../routing/index.ts'

// A browser keeps what one side gave it and asks the other side later whether it is still good. The other side must never say
// yes: its ETag may look the same and mean something else, and a date says nothing about which side it came from. So ETags of the
// modern side carry a mark, PHP's stay as they are, and each side is shown only validators that are its own.

const mark = 'fig1-'

/** ETags of modern answers get the mark; an answer that has a date only gets an ETag, so that it can be told apart later. */
export function markValidators(headers: HeaderList): void {
  if ((headers.bits & headerBits.etag) !== 0 && headers.has('etag')) {
    headers.rewrite('etag', (value) => value.replace(/^(W\/)?"/, `$1"${mark}`))
    return
  }
  const modified = headers.first('last-modified')
  if (modified !== undefined) {
    headers.append('ETag', `W/"${mark}${modified.replace(/[^\w]/g, '')}"`)
  }
}

/** The request as this side may see it: the same one, unless it asks about what the other side gave. */
export function withOwnValidators(request: RequestHead, side: Side): RequestHead {
  if ((request.headers.bits & headerBits.conditional) === 0) {
    return request
  }
  const headers = request.headers.copy()
  const own = side === 'modern' ? ownOfModern : ownOfLegacy
  keepOwnNoneMatch(headers, own, side)
  keepOwnRange(headers, own)
  if (side === 'modern') {
    headers.rewrite('if-match', (value) => value.replaceAll(`"${mark}`, '"'))
  }
  return { ...request, headers }
}

// --- internal ---

/** The tag as the side knows it, or undefined where it is the other side's. */
type Own = (tag: string) => string | undefined

const ownOfModern: Own = (tag) =>
  tag === '*' ? tag : tag.includes(`"${mark}`) ? tag.replace(`"${mark}`, '"') : undefined
const ownOfLegacy: Own = (tag) => (tag.includes(`"${mark}`) ? undefined : tag)

function keepOwnNoneMatch(headers: HeaderList, own: Own, side: Side): void {
  const given = headers.get('if-none-match')
  if (given === undefined) {
    if (side === 'modern') {
      // Every modern answer has an ETag: a date alone came from PHP.
      headers.remove('if-modified-since')
    }
    return
  }
  const tags = given.match(/(?:W\/)?"[^"]*"|\*/g) ?? []
  const kept = tags.flatMap((tag) => own(tag) ?? [])
  if (kept.length === tags.length && side === 'legacy') {
    return
  }
  headers.remove('if-none-match')
  if (kept.length > 0) {
    headers.append('If-None-Match', kept.join(', '))
  } else {
    headers.remove('if-modified-since')
  }
}

/** A range of the other side's bytes must not be put behind the first half of this side's: all is sent instead. */
function keepOwnRange(headers: HeaderList, own: Own): void {
  const given = headers.first('if-range')
  if (given === undefined) {
    return
  }
  const kept = given.includes('"') ? own(given) : own === ownOfLegacy ? given : undefined
  if (kept === undefined) {
    headers.remove('if-range')
    headers.remove('range')
  } else if (kept !== given) {
    headers.rewrite('if-range', () => kept)
  }
}
