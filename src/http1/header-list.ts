import { type HeaderName, headerBits, headerName } from './header-names.ts'

/**
 * The headers of one message as they came: order, case and duplicates are kept; values hold one character per byte
 * (Latin-1), as on the wire. Built for the hot path: `bits` tells what is in the list without a walk, removal marks, and
 * nothing is moved or copied until the list is written out.
 */
export class HeaderList {
  #names: (HeaderName | undefined)[] = []
  #values: string[] = []
  /** Union of the bits of the names that were added; a removed name's bit may stay. */
  bits = 0

  /** @param raw name, value, name, value, … */
  static of(...raw: readonly string[]): HeaderList {
    const list = new HeaderList()
    for (let i = 0; i + 1 < raw.length; i += 2) {
      list.append(raw[i] as string, raw[i + 1] as string)
    }
    return list
  }

  copy(): HeaderList {
    const list = new HeaderList()
    list.#names = this.#names.slice()
    list.#values = this.#values.slice()
    list.bits = this.bits
    return list
  }

  /** @throws TypeError when `name` is no token: it comes from our own code, or was checked before */
  append(name: string, value: string): void {
    const known = headerName(name)
    if (known === undefined) {
      throw new TypeError(`not a header name: ${JSON.stringify(name)}`)
    }
    this.add(known, value)
  }

  /** For the parser, which has looked the name up already. */
  add(name: HeaderName, value: string): void {
    this.#names.push(name)
    this.#values.push(value)
    this.bits |= name.bit
  }

  /** Entries with this lower-case name. */
  count(key: string): number {
    let count = 0
    for (const name of this.#names) {
      if (name !== undefined && name.key === key) {
        count += 1
      }
    }
    return count
  }

  has(key: string): boolean {
    return this.#indexOf(key, 0) !== -1
  }

  /** All values of a header, joined as a list (Cookie as RFC 9110 section 5.3 wants it); undefined when there is none. */
  get(key: string): string | undefined {
    let i = this.#indexOf(key, 0)
    if (i === -1) {
      return undefined
    }
    let joined = this.#values[i] as string
    for (i = this.#indexOf(key, i + 1); i !== -1; i = this.#indexOf(key, i + 1)) {
      joined += (key === 'cookie' ? '; ' : ', ') + this.#values[i]
    }
    return joined
  }

  /** The first value only. */
  first(key: string): string | undefined {
    const i = this.#indexOf(key, 0)
    return i === -1 ? undefined : this.#values[i]
  }

  remove(key: string): void {
    for (let i = this.#indexOf(key, 0); i !== -1; i = this.#indexOf(key, i + 1)) {
      this.#names[i] = undefined
    }
  }

  /** Removes every header that has one of these bits; the list holds none of them afterwards. */
  removeBits(bits: number): void {
    if ((this.bits & bits) === 0) {
      return
    }
    const names = this.#names
    for (let i = 0; i < names.length; i += 1) {
      const name = names[i]
      if (name !== undefined && (name.bit & bits) !== 0) {
        names[i] = undefined
      }
    }
    this.bits &= ~bits
  }

  removeWhere(unwanted: (key: string, value: string) => boolean): void {
    for (let i = 0; i < this.#names.length; i += 1) {
      const name = this.#names[i]
      if (name !== undefined && unwanted(name.key, this.#values[i] as string)) {
        this.#names[i] = undefined
      }
    }
  }

  /** Replaces each value of a header; undefined removes it. */
  rewrite(key: string, change: (value: string) => string | undefined): void {
    for (let i = this.#indexOf(key, 0); i !== -1; i = this.#indexOf(key, i + 1)) {
      const value = change(this.#values[i] as string)
      if (value === undefined) {
        this.#names[i] = undefined
      } else {
        this.#values[i] = value
      }
    }
  }

  forEach(visit: (written: string, value: string, key: string) => void): void {
    for (let i = 0; i < this.#names.length; i += 1) {
      const name = this.#names[i]
      if (name !== undefined) {
        visit(name.written, this.#values[i] as string, name.key)
      }
    }
  }

  /** Name, value, name, value, … of what is left. */
  toRaw(): string[] {
    const raw: string[] = []
    this.forEach((written, value) => {
      raw.push(written, value)
    })
    return raw
  }

  /** The header lines of a message, each ended by CRLF. */
  toLines(): string {
    const names = this.#names
    let lines = ''
    for (let i = 0; i < names.length; i += 1) {
      const name = names[i]
      if (name !== undefined) {
        lines += `${name.written}: ${this.#values[i]}\r\n`
      }
    }
    return lines
  }

  #indexOf(key: string, from: number): number {
    const names = this.#names
    for (let i = from; i < names.length; i += 1) {
      const name = names[i]
      if (name !== undefined && name.key === key) {
        return i
      }
    }
    return -1
  }
}

/** What belongs to one connection only (RFC 9110 section 7.6.1), apart from what `Connection` names. */
export const hopByHopBits = headerBits.connection | headerBits.transferEncoding | headerBits.hopByHop
