import { randomFillSync } from 'node:crypto'
import type { ClientFacts, Visitor } from '../exchange.ts'
import type { HeaderList } from '../http1/index.ts'

/** Where the properties of a visitor come from, by name. */
export type VisitorProperties = readonly { readonly name: string; readonly header: string }[]

/** The visitor of one request. The id is read, or made, only when a route asks for it. */
export class RequestVisitor implements Visitor {
  readonly ip: string
  readonly #headers: HeaderList
  readonly #cookieName: string
  readonly #sources: VisitorProperties
  #id: string | undefined
  #isNew = false

  constructor(headers: HeaderList, cookieName: string, ip: string, sources: VisitorProperties) {
    this.#headers = headers
    this.#cookieName = cookieName
    this.ip = ip
    this.#sources = sources
  }

  get id(): string {
    if (this.#id === undefined) {
      const known = visitorIdFrom(this.#headers.get('cookie'), this.#cookieName)
      this.#isNew = known === undefined
      this.#id = known ?? newVisitorId()
    }
    return this.#id
  }

  /** A header that is not there makes no property: absent is not the same as empty. */
  get properties(): Readonly<Record<string, string>> {
    const properties: Record<string, string> = { remoteAddress: this.ip }
    for (const { name, header } of this.#sources) {
      const value = this.#headers.first(header)
      if (value !== undefined) {
        properties[name] = value
      }
    }
    return properties
  }

  get isNew(): boolean {
    return this.id !== '' && this.#isNew
  }
}

/** Lives for a year: a visitor stays on the side where the rollout put them, through login and logout. */
export function visitorCookie(name: string, visitor: Visitor, client: ClientFacts): string {
  const secure = client.proto === 'https' ? '; Secure' : ''
  return `${name}=${visitor.id}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax${secure}`
}

// --- internal ---

const idSyntax = /^[A-Za-z0-9_-]{22}$/

function visitorIdFrom(cookies: string | undefined, name: string): string | undefined {
  if (cookies === undefined || !cookies.includes(name)) {
    return undefined
  }
  for (let from = 0, to = 0; to !== -1; from = to + 1) {
    to = cookies.indexOf(';', from)
    const separator = cookies.indexOf('=', from)
    if (separator !== -1 && (to === -1 || separator < to) && cookies.slice(from, separator).trim() === name) {
      const value = cookies.slice(separator + 1, to === -1 ? undefined : to).trim()
      return idSyntax.test(value) ? value : undefined
    }
  }
  return undefined
}

/** 128 random bits. Taken from the system in larger pieces, as each call costs microseconds. */
function newVisitorId(): string {
  if (poolOffset === pool.length) {
    randomFillSync(pool)
    poolOffset = 0
  }
  poolOffset += 16
  return pool.toString('base64url', poolOffset - 16, poolOffset)
}

const pool = Buffer.alloc(16 * 64)
let poolOffset = pool.length
