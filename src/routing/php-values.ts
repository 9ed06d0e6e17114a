import { decodeUtf8, percentDecode } from './percent-encoding.ts'
import { multipartBoundary, readMultipart } from './php-multipart.ts'

/**
 * `$_GET`, `$_POST` or `$_COOKIE` as PHP would fill it, top level only: name -> value. `undefined` stands for a value that is
 * there but is no text that can be compared: an array (`id[]=7`) or bytes that are not UTF-8.
 */
export type PhpValues = ReadonlyMap<string, string | undefined>

/** PHP's default for max_input_vars: what comes after is not in `$_GET`. */
export const inputVariablesMax = 1000

/** Query string -> `$_GET`; undefined where there are more parameters than PHP takes. */
export function readQuery(query: string): PhpValues | undefined {
  return readPairs(query)
}

/** Body -> `$_POST`; 'not-available' where it is no form, has more fields than PHP takes, or could be read differently by PHP. */
export function readForm(contentType: string | undefined, body: Buffer): PhpValues | 'not-available' {
  if (isUrlencoded(contentType)) return readPairs(body.toString('latin1')) ?? 'not-available'
  const boundary = multipartBoundary(contentType)
  if (boundary === undefined) return 'not-available'
  const fields = readMultipart(body.toString('latin1'), boundary, inputVariablesMax)
  if (fields === undefined) return 'not-available'
  const values = new Map<string, string | undefined>()
  for (const { name, value } of fields) setVariable(values, name, value)
  return values
}

/** Could readForm find fields in a body of this type? */
export function isForm(contentType: string | undefined): boolean {
  return isUrlencoded(contentType) || multipartBoundary(contentType) !== undefined
}

/** 'Text/HTML; charset=x' -> 'text/html'. PHP ends the type at a comma or a space as well. */
export function mediaType(contentType: string | undefined): string | undefined {
  if (contentType === undefined) return undefined
  const end = contentType.search(/[;, ]/)
  return (end === -1 ? contentType : contentType.slice(0, end)).toLowerCase()
}

/** Cookie header -> `$_COOKIE`: the first of equal names wins (but an array replaces a text), names are not decoded, '+' is no space. */
export function readCookies(header: string | undefined): PhpValues {
  const values = new Map<string, string | undefined>()
  if (header === undefined) return values
  for (const pair of header.split(';')) {
    const text = pair.trimStart()
    const equals = text.indexOf('=')
    const name = phpName(equals === -1 ? text : text.slice(0, equals))
    if (name === undefined || (values.has(name.name) && !name.array)) continue
    const value = equals === -1 ? '' : text.slice(equals + 1)
    values.set(name.name, name.array ? undefined : decodeUtf8(percentDecode(value)))
  }
  return values
}

/** What PHP makes of a parameter's name: the predicate on 'mod.id' could never hold, PHP calls it 'mod_id'. */
export function phpNameOf(text: string): string | undefined {
  const name = phpName(text)
  return name === undefined || name.array ? undefined : name.name
}

// --- internal ---

function readPairs(text: string): PhpValues | undefined {
  const values = new Map<string, string | undefined>()
  if (text === '') return values
  const pairs = text.split('&')
  if (pairs.length > inputVariablesMax) return undefined
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = urlDecode(equals === -1 ? pair : pair.slice(0, equals))
    setVariable(values, name, equals === -1 ? '' : urlDecode(pair.slice(equals + 1)))
  }
  return values
}

/** The last of equal names wins, whether text or array. */
function setVariable(values: Map<string, string | undefined>, bytes: string, value: string): void {
  const name = phpName(bytes)
  if (name !== undefined) values.set(name.name, name.array ? undefined : decodeUtf8(value))
}

function isUrlencoded(contentType: string | undefined): boolean {
  return mediaType(contentType) === 'application/x-www-form-urlencoded'
}

function urlDecode(bytes: string): string {
  return percentDecode(bytes.includes('+') ? bytes.replaceAll('+', ' ') : bytes)
}

/**
 * main/php_variables.c, php_register_variable_ex: leading spaces go, the name ends at NUL, dots and spaces before the first bracket
 * become underscores; 'a[' without its closing bracket is a plain name with an underscore for the bracket.
 */
function phpName(bytes: string): { readonly name: string; readonly array: boolean } | undefined {
  if (plainName.test(bytes)) return { name: bytes, array: false }
  const text = untilNul(bytes).replace(/^ +/, '')
  const bracket = text.indexOf('[')
  const base = (bracket === -1 ? text : text.slice(0, bracket)).replace(/[ .]/g, '_')
  if (base === '' || forgesPrefix(text, base)) return undefined
  if (bracket === -1) return named(base, false)
  const rest = text.slice(bracket + 1)
  return rest.includes(']') ? named(base, true) : named(`${base}_${rest.replace(/[ .[]/g, '_')}`, false)
}

const plainName = /^[A-Za-z0-9_-]+$/

function named(bytes: string, array: boolean): { readonly name: string; readonly array: boolean } | undefined {
  const name = decodeUtf8(bytes)
  return name === undefined ? undefined : { name, array }
}

function untilNul(bytes: string): string {
  const end = bytes.indexOf('\0')
  return end === -1 ? bytes : bytes.slice(0, end)
}

/** PHP drops a name that only mangling turns into one of the two protected cookie prefixes. */
function forgesPrefix(text: string, base: string): boolean {
  return protectedPrefixes.some((prefix) => base.startsWith(prefix) && !text.startsWith(prefix))
}

const protectedPrefixes = ['__Host-', '__Secure-']
