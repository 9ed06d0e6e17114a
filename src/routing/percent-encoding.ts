// Texts here are byte strings: one character per byte (latin1), which is how node:http gives a request target.

/** '%41' -> 'A'. As in PHP, a '%' that no two hexadecimal digits follow stays as it is. */
export function percentDecode(bytes: string): string {
  return bytes.includes('%') ? bytes.replace(encodedByte, decodeByte) : bytes
}

/** Byte string -> text, or undefined where the bytes are not UTF-8. */
export function decodeUtf8(bytes: string): string | undefined {
  if (!beyondAscii.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  try {
    return decoder.decode(buffer)
  } catch {
    return undefined // The one thing that `fatal` throws for: not UTF-8, which is an answer here.
  }
}

// --- internal ---

const encodedByte = /%([0-9A-Fa-f]{2})/g
const beyondAscii = /[^\p{ASCII}]/u
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeByte(_all: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16))
}
