// What the import of 2009 did: UTF-8 bytes were declared latin1 and converted once more. MySQL's latin1 is
// Windows-1252, with its five undefined bytes kept as C1 control characters.
export function doubleEncode(text: string): string {
  let result = ''
  for (const byte of new TextEncoder().encode(text)) {
    result +=
      byte < 0x80 || byte > 0x9f ? String.fromCharCode(byte) : String.fromCharCode(windows1252[byte - 0x80] ?? byte)
  }
  return result
}

// --- internal ---

const windows1252: readonly number[] = [
  0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d,
  0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,
  0x017e, 0x0178,
]
