import { decodeUtf8, percentDecode } from './percent-encoding.ts'

/** Why a target can't be matched: PHP, or the web server before it, could read it differently from Fig. */
export type TargetRefusal =
  | 'not-origin-form'
  | 'fragment'
  | 'bad-percent-encoding'
  | 'encoded-slash'
  | 'backslash'
  | 'semicolon'
  | 'control-character'
  | 'empty-segment'
  | 'dot-segment'
  | 'not-utf-8'

export interface ReadTarget {
  readonly raw: string
  /** Percent-decoded once; empty, and so never matched, where the target was refused. */
  readonly path: string
  /** Raw, without the question mark. */
  readonly query: string
  readonly refusal: TargetRefusal | undefined
}

/**
 * The request target as routes see it. A path is decoded exactly once, as nginx and Apache do. Where servers are known to differ
 * (some merge slashes, some resolve dot segments before decoding, some after; `%2F` and `;` mean different things to each) the
 * target is refused rather than guessed at: it then matches no route and PHP gets its bytes, as it always did.
 */
export function readTarget(raw: string): ReadTarget {
  const mark = raw.indexOf('?')
  const rawPath = mark === -1 ? raw : raw.slice(0, mark)
  const query = mark === -1 ? '' : raw.slice(mark + 1)
  if (!raw.startsWith('/')) return refused(raw, query, 'not-origin-form')
  // nginx cuts a target at '#', query included; PHP then never sees what follows.
  if (raw.includes('#')) return refused(raw, query, 'fragment')
  if (!unusual.test(rawPath)) return { raw, path: rawPath, query, refusal: undefined }
  const decoded = decodePath(rawPath)
  return 'refusal' in decoded
    ? refused(raw, query, decoded.refusal)
    : { raw, path: decoded.path, query, refusal: undefined }
}

/** Is this a path that readTarget could give? A pattern that holds any other text could never match. */
export function refusalOfPath(path: string): TargetRefusal | undefined {
  if (controlCharacter.test(path)) return 'control-character'
  if (path.includes('\\')) return 'backslash'
  if (path.includes(';')) return 'semicolon'
  if (path.includes('//')) return 'empty-segment'
  if (dotSegment.test(path)) return 'dot-segment'
  return undefined
}

// --- internal ---

/** Anything but plain path characters, or an empty segment, or a segment that begins with a dot: worth a closer look. */
const unusual = /[^A-Za-z0-9_~!$&'()*+,=:@./-]|\/\/|\/\./
const badPercentEncoding = /%(?![0-9A-Fa-f]{2})/
const encodedSlash = /%2f/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f]/
const dotSegment = /\/\.\.?(?:\/|$)/

function decodePath(rawPath: string): { readonly path: string } | { readonly refusal: TargetRefusal } {
  if (badPercentEncoding.test(rawPath)) return { refusal: 'bad-percent-encoding' }
  if (encodedSlash.test(rawPath)) return { refusal: 'encoded-slash' }
  const path = decodeUtf8(percentDecode(rawPath))
  if (path === undefined) return { refusal: 'not-utf-8' }
  const refusal = refusalOfPath(path)
  return refusal === undefined ? { path } : { refusal }
}

function refused(raw: string, query: string, refusal: TargetRefusal): ReadTarget {
  return { raw, path: '', query, refusal }
}
