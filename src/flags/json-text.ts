/** Where in a text something stands, as editors count: from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface JsonFault {
  readonly what: string
  readonly place: Place
}

export type JsonReading =
  | { readonly outcome: 'read'; readonly value: unknown; readonly placeOf: (path: JsonPath) => Place }
  | { readonly outcome: 'broken'; readonly fault: JsonFault }

export type JsonPath = readonly (string | number)[]

/**
 * JSON that people write: what is wrong with it is said with its place, which JSON.parse tells only now and then, and every value
 * can be found again in the text. A name that stands twice in one object is refused: JSON.parse would take the last one in silence.
 */
export function readJson(source: string): JsonReading {
  const text = source.replace(/^\uFEFF/, '') // what some editors put in front of UTF-8
  const scanner = new Scanner(text)
  try {
    scanner.scan()
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error
    return { outcome: 'broken', fault: { what: error.message, place: placeIn(text, error.at) } }
  }
  return {
    outcome: 'read',
    value: JSON.parse(text),
    placeOf: (path) => placeIn(text, scanner.places.get(keyOf(path)) ?? 0),
  }
}

// --- internal ---

const depthMax = 100
const space = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON refuses within a text
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

class Unexpected extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

class Scanner {
  readonly places = new Map<string, number>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  scan(): void {
    this.#value([])
    this.#skip(space)
    if (this.#at < this.#text.length) this.#refuse('the end of the file')
  }

  #value(path: JsonPath): void {
    this.#skip(space)
    if (path.length > depthMax) throw new Unexpected(`nested more than ${depthMax} deep`, this.#at)
    this.places.set(keyOf(path), this.#at)
    if (this.#takes('{')) this.#members(path)
    else if (this.#takes('[')) this.#items(path)
    else if (this.#skip(string) === undefined && this.#skip(scalar) === undefined) this.#refuse('a value')
  }

  #members(path: JsonPath): void {
    const names = new Set<string>()
    this.#skip(space)
    if (this.#takes('}')) return
    do {
      this.#skip(space)
      const at = this.#at
      const quoted = this.#skip(string) ?? this.#refuse('a name in double quotes')
      const name = JSON.parse(quoted) as string
      if (names.has(name)) throw new Unexpected(`${quoted} stands here a second time`, at)
      names.add(name)
      this.#skip(space)
      if (!this.#takes(':')) this.#refuse("':'")
      this.#value([...path, name])
      this.#skip(space)
    } while (this.#takes(','))
    if (!this.#takes('}')) this.#refuse("',' or '}'")
  }

  #items(path: JsonPath): void {
    this.#skip(space)
    if (this.#takes(']')) return
    let index = 0
    do {
      this.#value([...path, index])
      this.#skip(space)
      index += 1
    } while (this.#takes(','))
    if (!this.#takes(']')) this.#refuse("',' or ']'")
  }

  #skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #refuse(expected: string): never {
    const found = this.#text.codePointAt(this.#at)
    const instead = found === undefined ? 'the file ends' : `there is ${JSON.stringify(String.fromCodePoint(found))}`
    throw new Unexpected(`${instead} where ${expected} should be`, this.#at)
  }
}

function keyOf(path: JsonPath): string {
  return JSON.stringify(path)
}

function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}
