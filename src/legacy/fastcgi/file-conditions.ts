import type { HeaderList } from '../../http1/index.ts'

/** What a file is known by. */
export interface Validators {
  readonly etag: string
  /** Whole seconds, as HTTP has no others. */
  readonly modifiedSeconds: number
}

/** As nginx and most others make it: when the file was changed, and its size. */
export function validatorsOf(modifiedMs: number, size: number): Validators {
  const modifiedSeconds = Math.floor(modifiedMs / 1000)
  return { etag: `"${modifiedSeconds.toString(16)}-${size.toString(16)}"`, modifiedSeconds }
}

/**
 * What conditions of a request say about a file (RFC 9110 section 13.2). If-Modified-Since must be the very time of the
 * file: an older copy that was put back is another file too.
 */
export function judgeConditions(headers: HeaderList, file: Validators): 'send' | 'unchanged' | 'failed' {
  const unmodifiedSince = headers.get('if-unmodified-since')
  if (unmodifiedSince !== undefined && !(secondsOf(unmodifiedSince) >= file.modifiedSeconds)) {
    return 'failed'
  }
  const match = headers.get('if-match')
  if (match !== undefined && !isListed(match, file.etag, false)) {
    return 'failed'
  }
  const modifiedSince = headers.get('if-modified-since')
  const noneMatch = headers.get('if-none-match')
  if (modifiedSince === undefined && noneMatch === undefined) {
    return 'send'
  }
  const isOther = modifiedSince !== undefined && secondsOf(modifiedSince) !== file.modifiedSeconds
  return isOther || (noneMatch !== undefined && !isListed(noneMatch, file.etag, true)) ? 'send' : 'unchanged'
}

/** Whether a part of the file is still a part of what the client has (RFC 9110 section 13.1.5). */
export function isStillTheSame(ifRange: string | undefined, file: Validators): boolean {
  if (ifRange === undefined) {
    return true
  }
  return ifRange.endsWith('"') ? ifRange === file.etag : secondsOf(ifRange) === file.modifiedSeconds
}

// --- internal ---

/** NaN for what is no date. */
function secondsOf(date: string): number {
  return Math.floor(Date.parse(date) / 1000)
}

function isListed(list: string, etag: string, weakly: boolean): boolean {
  if (list === '*') {
    return true
  }
  return (list.match(/(?:W\/)?"[^"]*"/g) ?? []).some((entry) => (weakly ? entry.replace(/^W\//, '') : entry) === etag)
}
