import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { AppError } from '../platform/index.ts'

export interface SigningKey {
  /** Goes with every token, to find the key again: 1 to 32 letters, digits, `-` and `_`. */
  readonly id: string
  /** At least 32 bytes, never logged. */
  readonly secret: string
}

export type TokenRefusal = 'expired' | 'bad-signature' | 'unknown-key' | 'malformed'

/** What was signed, and by which key. */
export interface Signed {
  readonly fields: readonly unknown[]
  /** In milliseconds of the epoch, on a whole second. */
  readonly expiresAt: number
  readonly keyId: string
}

/**
 * Tokens `<kind>.<key id>.<payload>.<HMAC-SHA256>`, all url-safe, good for cookies, headers and links. The kind names what
 * the token is for and its version, and is signed with the rest: a pin never passes for an override. The first key signs and
 * all verify, so a key is replaced by putting the new one first and taking the old one away once its tokens have expired.
 */
export interface Signer {
  sign(fields: readonly unknown[], expiresAt: number): string
  read(token: string, now: number): Signed | { readonly refused: TokenRefusal }
}

/** @throws controls.key-refused with everything that is wrong with the keys */
export function createSigner(kind: 'fo1' | 'fp1', keys: readonly SigningKey[]): Signer {
  checkKeys(keys)
  const known = new Map(keys.map(({ id, secret }) => [id, { id, secret: createSecretKey(secret, 'utf8') }]))
  const verified = new VerifiedTokens()
  const [first] = keys
  return {
    sign: (fields, expiresAt) => {
      const key = first && known.get(first.id)
      if (first === undefined || key === undefined) {
        throw new AppError('controls.key-refused', `no key to sign with is set; ${remedy}`)
      }
      const payload = Buffer.from(JSON.stringify([Math.floor(expiresAt / 1000), ...fields])).toString('base64url')
      const signed = `${kind}.${first.id}.${payload}`
      const token = `${signed}.${macOf(key.secret, signed)}`
      if (token.length > tokenCharactersMax) {
        throw new AppError('controls.token-refused', `the token would not fit into a cookie; shorten its names`)
      }
      return token
    },
    read: (token, now) => {
      let signed = verified.get(token)
      if (signed === undefined) {
        const found = verify(kind, known, token)
        if ('refused' in found) return found
        signed = found
        // A copy: a token cut out of a request's cookies would keep all of them in memory.
        verified.add(Buffer.from(token, 'latin1').toString('latin1'), signed)
      }
      return now < signed.expiresAt ? signed : { refused: 'expired' }
    },
  }
}

/** What keeps a token of this lifetime from being signed, with the remedy. */
export function lifetimeProblems(expiresAt: number, now: number, lifetimeMaxMs: number): readonly string[] {
  // In whole seconds, as the token has it.
  if (!(Math.floor(expiresAt / 1000) * 1000 > now)) return ['expiresAt: it is over already; give a time to come']
  if (expiresAt - now <= lifetimeMaxMs) return []
  const hours = Math.round((lifetimeMaxMs / 3_600_000) * 100) / 100
  return [`expiresAt: it is more than ${hours} h away; give an earlier one and sign anew when it is over`]
}

export function nameProblems(field: string, text: unknown): readonly string[] {
  if (typeof text !== 'string' || text.trim() === '') return [`${field}: it is empty; give it`]
  return text.length > nameCharactersMax
    ? [`${field}: it has more than ${nameCharactersMax} characters; shorten it`]
    : []
}

export function sideProblems(side: unknown): readonly string[] {
  return side === 'legacy' || side === 'modern' ? [] : ['side: it is neither legacy nor modern; give one of them']
}

/** @throws controls.token-refused with everything that is wrong */
export function refuseToken(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new AppError('controls.token-refused', `${what}: ${problems.join('; ')}`)
}

// --- internal ---

const secretBytesMin = 32
const nameCharactersMax = 200
/** With room to spare below the 4096 bytes that a cookie may have (RFC 6265, 6.1). */
const tokenCharactersMax = 2048
/** Of each generation: about 1 MB in all at the usual length of a token. */
const verifiedTokensMax = 1000
/** A MAC of 32 bytes has 43 characters. */
const tokenPattern = /^([a-z0-9]{3})\.([\w-]{1,32})\.([\w-]+)\.([\w-]{43})$/
const remedy = 'make a secret with `openssl rand -base64 48`'

function verify(
  kind: string,
  keys: ReadonlyMap<string, { readonly id: string; readonly secret: KeyObject }>,
  token: string,
): Signed | { readonly refused: TokenRefusal } {
  const parts = token.length > tokenCharactersMax ? null : tokenPattern.exec(token)
  const [, foundKind, keyId = '', payload = '', mac = ''] = parts ?? []
  if (foundKind !== kind) return { refused: 'malformed' }
  const key = keys.get(keyId)
  if (key === undefined) return { refused: 'unknown-key' }
  // The texts are compared, not what they decode to: a token has one spelling.
  const expected = macOf(key.secret, `${kind}.${keyId}.${payload}`)
  if (!timingSafeEqual(Buffer.from(mac, 'latin1'), Buffer.from(expected, 'latin1'))) return { refused: 'bad-signature' }
  const [seconds, ...fields] = fieldsOf(payload)
  if (typeof seconds !== 'number') return { refused: 'malformed' }
  return Object.freeze({ fields: Object.freeze(fields), expiresAt: seconds * 1000, keyId: key.id })
}

/**
 * Tokens whose signature was found right: a visitor sends the same one with every request, and a signature costs 5 us where
 * a whole decision may. Only good ones get in, so that nobody can fill it with made-up ones. Two generations: what was not
 * asked for while one filled up goes.
 */
class VerifiedTokens {
  #recent = new Map<string, Signed>()
  #older = new Map<string, Signed>()

  get(token: string): Signed | undefined {
    const recent = this.#recent.get(token)
    if (recent !== undefined) return recent
    const older = this.#older.get(token)
    if (older !== undefined) this.add(token, older)
    return older
  }

  add(token: string, signed: Signed): void {
    if (this.#recent.size >= verifiedTokensMax) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(token, signed)
  }
}

function macOf(key: KeyObject, signed: string): string {
  return createHmac('sha256', key).update(signed).digest('base64url')
}

/** Only of what was signed. */
function fieldsOf(payload: string): readonly unknown[] {
  try {
    const fields: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return Array.isArray(fields) ? fields : []
  } catch {
    return [] // the caller says malformed
  }
}

function checkKeys(keys: readonly SigningKey[]): void {
  const problems = keys.flatMap(({ id, secret }, number) => {
    const where = `key ${number + 1}`
    const bytes = Buffer.byteLength(secret)
    return [
      ...(/^[\w-]{1,32}$/.test(id) ? [] : [`${where}: its id must be 1 to 32 letters, digits, - or _; correct it`]),
      ...(keys.findIndex((other) => other.id === id) === number ? [] : [`${where}: its id is taken; give it another`]),
      ...(bytes >= secretBytesMin
        ? []
        : [`${where}: its secret has ${bytes} bytes where ${secretBytesMin} are needed; ${remedy}`]),
    ]
  })
  if (problems.length > 0) throw new AppError('controls.key-refused', problems.join('\n'))
}
