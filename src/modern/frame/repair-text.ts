import { isUtf8 } from 'node:buffer'

/**
 * fix_utf8(): some rows were encoded as UTF-8 twice by the import of 2011 ("CafÃ©"). A text whose characters all exist
 * in MySQL's latin1, and whose bytes there are proper UTF-8, is shown decoded once more. NULs are dropped.
 */
export function repairText(text: string | null): string {
  const clean = (text ?? '').replaceAll('\0', '')
  // The lead bytes 0xC2 and 0xC3 stand for exactly this range.
  if (!/[\u0080-\u00ff]/.test(clean)) return clean
  const bytes: number[] = []
  for (const character of clean) {
    const code = character.codePointAt(0) ?? 0
    const byte = code < 0x80 ? code : latin1Bytes.get(code)
    if (byte === undefined) return clean
    bytes.push(byte)
  }
  const once = Buffer.from(bytes)
  return isUtf8(once) ? once.toString('utf8') : clean
}

// --- internal ---

/** Windows-1252 between 0x80 and 0x9F; 0 marks the five holes, which MySQL's latin1 fills with U+0081 and so on. */
const windows1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
  0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
]

const latin1Bytes: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 128 }, (_, index) => {
    const byte = 0x80 + index
    return [windows1252[index] || byte, byte] as const
  }),
)
