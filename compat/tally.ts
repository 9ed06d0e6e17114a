/** What was asked of one application, and how it came out. */
import type { Comparison } from './compare.ts'

export interface Difference {
  readonly journey: string
  readonly exchange: string
  readonly differences: readonly string[]
}

export interface Figures {
  readonly exchanges: number
  /** Both answers were the same to the byte. */
  readonly bytes: number
  /** They were, but for what a mask names. */
  readonly masked: number
  readonly different: number
}

export class Tally {
  readonly #journeys = new Map<string, { bytes: number; masked: number; different: number }>()
  readonly #masks = new Map<string, number>()
  readonly #differences: Difference[] = []
  readonly #onCount: (journey: string, exchanges: number) => void
  #journey = ''

  constructor(onCount: (journey: string, exchanges: number) => void) {
    this.#onCount = onCount
  }

  begin(journey: string): void {
    this.#journey = journey
    if (!this.#journeys.has(journey)) this.#journeys.set(journey, { bytes: 0, masked: 0, different: 0 })
  }

  count(exchange: string, { outcome, masks, differences }: Comparison): void {
    const figures = this.#journeys.get(this.#journey)
    if (figures === undefined) throw new Error('an exchange outside of a journey')
    figures[outcome] += 1
    for (const mask of masks) this.#masks.set(mask, (this.#masks.get(mask) ?? 0) + 1)
    if (outcome === 'different') this.#differences.push({ journey: this.#journey, exchange, differences })
    this.#onCount(this.#journey, this.figures.exchanges)
  }

  get figures(): Figures {
    return sum([...this.#journeys.values()])
  }

  get journeys(): readonly (Figures & { readonly name: string })[] {
    return [...this.#journeys].map(([name, figures]) => ({ name, ...sum([figures]) }))
  }

  /** How many answers each mask was needed for. */
  get masks(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#masks)
  }

  get differences(): readonly Difference[] {
    return this.#differences
  }
}

// --- internal ---

function sum(parts: readonly Omit<Figures, 'exchanges'>[]): Figures {
  const total = (of: (part: Omit<Figures, 'exchanges'>) => number) => parts.reduce((all, part) => all + of(part), 0)
  const [bytes, masked, different] = [total((p) => p.bytes), total((p) => p.masked), total((p) => p.different)]
  return { exchanges: bytes + masked + different, bytes, masked, different }
}
