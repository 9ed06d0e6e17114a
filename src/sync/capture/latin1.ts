/**
 * MySQL's latin1 is Windows-1252, with the five bytes that have no character there kept as control characters. The text comes
 * with one character per byte.
 */
export function decodeWindows1252(bytesAsText: string): string {
  return c1.test(bytesAsText)
    ? bytesAsText.replaceAll(c1All, (byte) => high[byte.charCodeAt(0) - 0x80] ?? byte)
    : bytesAsText
}

// --- internal ---

const c1 = /[\x80-\x9f]/
const c1All = /[\x80-\x9f]/g
const high =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'
