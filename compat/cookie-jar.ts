/** Cookies of one visitor on one side, as far as the applications need them: no domains, no times. */
import type { Answer } from './http-client.ts'

export class CookieJar {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()

  take(answer: Answer): void {
    for (const [name, value] of answer.headers) {
      if (name.toLowerCase() === 'set-cookie') this.#set(value)
    }
  }

  /** The value of the header for an address, or undefined when there is nothing to send. */
  headerFor(target: string): string | undefined {
    const path = target.split('?', 1)[0] ?? '/'
    const fitting = [...this.#cookies].filter(([, cookie]) => path.startsWith(cookie.path))
    if (fitting.length === 0) return undefined
    // Longer paths go first (RFC 6265 section 5.4): a site may have two of one name.
    fitting.sort(([, a], [, b]) => b.path.length - a.path.length)
    return fitting.map(([key, { value }]) => `${key.split(';', 1)[0]}=${value}`).join('; ')
  }

  valueOf(name: string): string | undefined {
    return [...this.#cookies].find(([key]) => key.startsWith(`${name};`))?.[1].value
  }

  #set(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const [name = '', value = ''] = splitOnce(pair)
    const of = (wanted: string) =>
      attributes.map(splitOnce).find(([attribute]) => attribute.toLowerCase() === wanted)?.[1]
    const path = of('path') ?? '/'
    const key = `${name};${path}`
    const expires = of('expires')
    const gone = Number(of('max-age') ?? 1) <= 0 || (expires !== undefined && Date.parse(expires) < Date.now())
    if (gone) this.#cookies.delete(key)
    else this.#cookies.set(key, { value, path })
  }
}

// --- internal ---

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
