/**
 * The headers of one message as they came: order, case and duplicates are kept. Names are looked up in lower case, which is
 * computed once. Built for the hot path: removal marks, nothing is moved or copied until the list is written out.
 */
export class HeaderList {
  readonly #names: string[] = []
  readonly #values: string[] = []
  /** Lower-case names; an empty one marks a removed header (an empty name can't be sent). */
  readonly #keys: string[] = []

  /** @param raw name, value, name, value, … as `IncomingMessage.rawHeaders` has them */
  constructor(raw: readonly string[]) {
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] as string
      this.#names.push(name)
      this.#keys.push(name.toLowerCase())
      this.#values.push(raw[i + 1] as string)
    }
  }

  append(name: string, value: string): void {
    this.#names.push(name)
    this.#keys.push(name.toLowerCase())
    this.#values.push(value)
  }

  /** All values of a header, joined as a list; undefined when there is none. */
  get(key: string): string | undefined {
    let joined: string | undefined
    for (let i = this.#keys.indexOf(key); i !== -1; i = this.#keys.indexOf(key, i + 1)) {
      const value = this.#values[i] as string
      joined = joined === undefined ? value : `${joined}, ${value}`
    }
    return joined
  }

  has(key: string): boolean {
    return this.#keys.includes(key)
  }

  remove(key: string): void {
    for (let i = this.#keys.indexOf(key); i !== -1; i = this.#keys.indexOf(key, i + 1)) {
      this.#keys[i] = ''
    }
  }

  removeWhere(unwanted: (key: string) => boolean): void {
    for (let i = 0; i < this.#keys.length; i += 1) {
      const key = this.#keys[i] as string
      if (key !== '' && unwanted(key)) {
        this.#keys[i] = ''
      }
    }
  }

  /** Replaces each value of a header; undefined removes it. */
  rewrite(key: string, change: (value: string) => string | undefined): void {
    for (let i = this.#keys.indexOf(key); i !== -1; i = this.#keys.indexOf(key, i + 1)) {
      const value = change(this.#values[i] as string)
      if (value === undefined) {
        this.#keys[i] = ''
      } else {
        this.#values[i] = value
      }
    }
  }

  /** Name, value, name, value, … of what is left. */
  toRaw(): string[] {
    const raw: string[] = []
    for (let i = 0; i < this.#keys.length; i += 1) {
      if (this.#keys[i] !== '') {
        raw.push(this.#names[i] as string, this.#values[i] as string)
      }
    }
    return raw
  }
}
