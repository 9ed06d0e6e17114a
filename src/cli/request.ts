import { type CommandCall, UsageError } from './command.ts'
import { plain } from './table.ts'

/** A request as the options of `fig routes test` and `fig explain` describe it. */
export interface DescribedRequest {
  readonly method: string
  /** With its query, as a client writes it. */
  readonly target: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** Urlencoded. */
  readonly form: string | undefined
  readonly json: unknown
}

/** @param words 'GET /path', '/path' or a whole URL; in one word or in two. @throws UsageError */
export function readRequest(call: CommandCall, words: readonly string[]): DescribedRequest {
  const [first = '', second, ...rest] = words.join(' ').split(/\s+/).filter(Boolean)
  const example = "give one such as 'POST /ajax.php?page=cart'"
  if (first === '') throw new UsageError(`the request is missing; ${example}`)
  if (rest.length > 0)
    throw new UsageError(`"${plain(words.join(' '))}" is no request; ${example}, without spaces in it`)
  const form = formOf(call)
  const json = jsonOf(call)
  if (form !== undefined && json !== undefined)
    throw new UsageError('a body is either a form or JSON; give --form or --json-body')
  const hasBody = form !== undefined || json !== undefined
  const method = second === undefined ? (hasBody ? 'POST' : 'GET') : first.toUpperCase()
  if (!/^[A-Z][A-Z_-]*$/.test(method)) throw new UsageError(`"${plain(first)}" is no method; ${example}`)
  const { target, host } = targetOf(second ?? first, example)
  return { method, target, headers: headersOf(call, host), form, json }
}

/** `name=value` pairs of an option that may come often. @throws UsageError */
export function pairsOf(call: CommandCall, option: string): readonly (readonly [name: string, value: string])[] {
  return call.texts(option).map((text) => {
    const separator = text.indexOf('=')
    if (separator < 1) throw new UsageError(`--${option} "${plain(text)}" is no pair; write --${option} name=value`)
    return [text.slice(0, separator), text.slice(separator + 1)]
  })
}

// --- internal ---

function targetOf(text: string, example: string): { readonly target: string; readonly host: string | undefined } {
  if (text.startsWith('/')) return { target: text, host: undefined }
  const [, host, path = ''] = /^https?:\/\/([^/?#\s]+)([^\s]*)$/i.exec(text) ?? []
  if (host === undefined) throw new UsageError(`"${plain(text)}" is no path and no URL; ${example}`)
  // What stands behind # no client sends.
  const sent = path.split('#', 1)[0] ?? ''
  return { target: sent.startsWith('/') ? sent : `/${sent}`, host }
}

function headersOf(call: CommandCall, host: string | undefined): Readonly<Record<string, string>> {
  const headers: Record<string, string> = host === undefined ? {} : { host }
  for (const text of call.texts('header')) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(text) ?? []
    if (name === undefined) throw new UsageError(`--header "${plain(text)}" is no header; write --header 'Name: value'`)
    const known = headers[name.toLowerCase()]
    const isOnly = known === undefined || name.toLowerCase() === 'host'
    headers[name.toLowerCase()] = isOnly ? value : `${known}${name.toLowerCase() === 'cookie' ? '; ' : ', '}${value}`
  }
  const cookies = pairsOf(call, 'cookie').map(([name, value]) => `${name}=${value}`)
  if (cookies.length > 0)
    headers.cookie = [...(headers.cookie ?? '').split('; ').filter(Boolean), ...cookies].join('; ')
  return headers
}

function formOf(call: CommandCall): string | undefined {
  const pairs = pairsOf(call, 'form')
  return pairs.length === 0 ? undefined : new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString()
}

function jsonOf(call: CommandCall): unknown {
  const text = call.text('json-body')
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`--json-body is no JSON: ${plain(why)}; write --json-body '{"action":"add"}'`)
  }
}
