// Numbers that are the same on every machine and in every year: 32-bit integer arithmetic, division and square root
// only (all exactly defined by ECMAScript; Math.pow, exp and log are not). Every row draws from its own stream, named by
// (seed, stream, key), so a row does not depend on how many rows were made before it.
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #counter = 1

  constructor(seed: number, stream: number, key: number) {
    this.restart(seed, stream, key)
  }

  // One object serves a whole table: a new object per row costs a quarter of the generator's time at a million rows.
  restart(seed: number, stream: number, key: number): this {
    this.#a = mix(seed ^ 0x9e3779b9)
    this.#b = mix(this.#a ^ Math.imul(stream + 1, 0x85ebca6b))
    this.#c = mix(this.#b ^ Math.imul(key + 1, 0xc2b2ae35))
    this.#counter = 1
    this.next()
    this.next()
    this.next()
    return this
  }

  // sfc32 (Chris Doty-Humphrey, PractRand): small, fast, passes BigCrush.
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }

  fraction(): number {
    return this.next() / 4294967296
  }

  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  between(lowest: number, highest: number): number {
    return lowest + this.below(highest - lowest + 1)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  // Pareto with exponent 1: most draws are near 1, a few are huge; what popularity on a mod site looks like.
  popularity(highest: number): number {
    return Math.min(highest, 1 / (this.fraction() + 1 / 4294967296))
  }

  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.next().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
}

// A pick that needs no stream: the same answer for the same (seed, stream, key), uniform in [0, 1).
export function fractionOf(seed: number, stream: number, key: number): number {
  return (
    (mix(mix(mix(seed ^ 0x9e3779b9) ^ Math.imul(stream + 1, 0x85ebca6b)) ^ Math.imul(key + 1, 0xc2b2ae35)) >>> 0) /
    4294967296
  )
}

// --- internal ---

// The finaliser of MurmurHash3: every input bit reaches every output bit.
function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
