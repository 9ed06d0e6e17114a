/** The operator of these tests: moves the route group by its flag, and waits until Fig obeys. */
import { setTimeout as pause } from 'node:timers/promises'
import type { StackDescription } from '../scripts/stack/index.ts'
import { answersBy, type FlagState, setFlag } from '../test/fig-control.ts'
import { probePath, type Side } from './answer-log.ts'

export type { FlagState } from '../test/fig-control.ts'

export const visitorCookie = 'fig_visitor'

export class RouteGroup {
  readonly #stack: StackDescription
  #state: FlagState | undefined

  constructor(stack: StackDescription) {
    this.#stack = stack
  }

  async moveTo(state: FlagState): Promise<void> {
    if (sameState(state, this.#state)) return
    // From outside, one share of the visitors looks like another.
    if (typeof state === 'object' && typeof this.#state === 'object') await this.moveTo('off')
    this.#state = undefined
    await setFlag(this.#stack.unleash, flag, state)
    const startedAt = performance.now()
    while (!(await this.#obeys(state))) {
      if (performance.now() - startedAt > obeyTimeoutMs) throw new Error(`Fig does not obey ${JSON.stringify(state)}`)
      await pause(20)
    }
    this.#state = state
  }

  /** The other side for everybody. */
  async flip(): Promise<void> {
    await this.moveTo(this.#state === 'on' ? 'off' : 'on')
  }

  /** Which side answers `request`, by Fig's metrics. Nobody else may be asking meanwhile. */
  async sideOf(request: () => Promise<unknown>): Promise<Side> {
    const before = await this.#counts()
    await request()
    for (;;) {
      const after = await this.#counts()
      if (after.modern > before.modern) return 'modern'
      if (after.legacy > before.legacy) return 'legacy'
    }
  }

  /** While the flag is partial, and only then, a visitor without a cookie is given one. */
  async #obeys(state: FlagState): Promise<boolean> {
    const { figUrl, operatorUrl } = this.#stack
    const side: Side = state === 'on' ? 'modern' : 'legacy'
    const before = await answersBy(operatorUrl, side)
    const answer = await fetch(`${figUrl}${probePath}`)
    await answer.arrayBuffer()
    const partial = answer.headers.getSetCookie().some((cookie) => cookie.startsWith(`${visitorCookie}=`))
    if (typeof state === 'object') return partial
    return !partial && (await answersBy(operatorUrl, side)) > before
  }

  async #counts(): Promise<Readonly<Record<Side, number>>> {
    const { operatorUrl } = this.#stack
    return { legacy: await answersBy(operatorUrl, 'legacy'), modern: await answersBy(operatorUrl, 'modern') }
  }
}

// --- internal ---

const flag = 'mod-page'
const obeyTimeoutMs = 20_000

function sameState(a: FlagState, b: FlagState | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
