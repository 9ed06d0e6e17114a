/**
 * The query as $_GET has it, last value wins, for queries that mean the same everywhere: names of letters, digits, _ and -,
 * and values of valid UTF-8. Undefined for any other (brackets, dots, mangled names), which PHP reads by rules of its own.
 */
export function readPlainQuery(search: string): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>()
  for (const part of search.replace(/^\?/, '').split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    if (!/^[A-Za-z0-9_-]+$/.test(name)) return undefined
    const value = decode(equals < 0 ? '' : part.slice(equals + 1))
    if (value === undefined) return undefined
    values.set(name, value)
  }
  return values
}

// --- internal ---

function decode(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text.replaceAll('+', ' '))
    return value.includes('\0') ? undefined : value
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
