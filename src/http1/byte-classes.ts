/** 1 for the bytes of a token (RFC 9110 section 5.6.2): methods and header names. */
export const isTokenByte: Uint8Array = classOf((byte) => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte)))

/** 1 for the bytes of a header value: visible, space, tab and the upper half (RFC 9110 section 5.5). */
export const isValueByte: Uint8Array = classOf((byte) => byte === 9 || (byte >= 32 && byte !== 127))

/** 1 for the bytes of a request target. The upper half is outside RFC 3986, but browsers of old send it and PHP reads it. */
export const isTargetByte: Uint8Array = classOf((byte) => byte > 32 && byte !== 127)

// --- internal ---

function classOf(belongs: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_none, byte) => (belongs(byte) ? 1 : 0))
}
