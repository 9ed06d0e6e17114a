/**
 * The path of a request as the file system means it, decoded once: `%2F` is a slash, `//` and `/./` are one slash, `/../`
 * goes back. The same rules as nginx's, so that a site's rules see what they saw there. One character per byte.
 * Undefined for what is no path: a percent sign that encodes nothing, a NUL, a way out of the root.
 */
export function normalPath(rawPath: string): string | undefined {
  const decoded = rawPath.includes('%') ? decode(rawPath) : rawPath
  return decoded === undefined ? undefined : withoutDots(decoded)
}

/** Resolves `.`, `..` and empty segments. A rewrite can put a path together that has some. */
export function withoutDots(path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('\0')) {
    return undefined
  }
  if (!path.includes('//') && !path.includes('/.')) {
    return path
  }
  const kept: string[] = []
  const segments = path.split('/')
  for (const segment of segments) {
    if (segment === '..') {
      if (kept.pop() === undefined) {
        return undefined
      }
    } else if (segment !== '' && segment !== '.') {
      kept.push(segment)
    }
  }
  const last = segments.at(-1)
  const isFolder = last === '' || last === '.' || last === '..'
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isFolder ? '/' : ''}`
}

/** A path as it may stand in a Location header. */
export function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9/._~!$&'()*+,;=:@-]/g, percentEncoded)
}

/** A text as it may stand for the value of a query field. */
export function encodeQueryText(text: string): string {
  return text.replace(/[^A-Za-z0-9._~!$'()*,;:@/-]/g, percentEncoded)
}

// --- internal ---

function decode(rawPath: string): string | undefined {
  let isValid = true
  const decoded = rawPath.replace(/%(..)?/gs, (_, digits: string | undefined) => {
    if (digits === undefined || !/^[0-9A-Fa-f]{2}$/.test(digits)) {
      isValid = false
      return ''
    }
    return String.fromCharCode(Number.parseInt(digits, 16))
  })
  return isValid ? decoded : undefined
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
