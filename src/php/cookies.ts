/**
 * The value of a request cookie as PHP's $_COOKIE has it: the first of several wins, the value keeps its blanks and is
 * raw-URL-decoded: '+' stays '+' (php-src main/php_variables.c, php_default_treat_data with PARSE_COOKIE).
 */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined
  for (const part of header.split(';')) {
    const equals = part.indexOf('=')
    const key = (equals < 0 ? part : part.slice(0, equals)).trimStart()
    if (key === name) return equals < 0 ? '' : rawUrlDecode(part.slice(equals + 1))
  }
  return undefined
}

// --- internal ---

/** PHP's rawurldecode(): a stray '%' stays. Bytes come back as latin1 characters. */
function rawUrlDecode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
