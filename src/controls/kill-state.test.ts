import { describe, expect, it } from 'vitest'
import { type ActiveKill, createKillState, type KillScope, noKills, type Side } from './kill-state.ts'

let id = 0
const kill = (scope: KillScope, target?: string): ActiveKill => {
  id += 1
  return { id, at: '2026-01-01T00:00:00.000Z', who: 'ada', why: 'because', scope, target }
}
type Given = readonly (readonly [KillScope, string?])[]

describe('the kills in force', () => {
  it.each<[Given, Side | undefined, Side | undefined]>([
    [[], undefined, undefined],
    [[['all']], 'legacy', 'legacy'],
    [[['side', 'modern']], 'legacy', 'legacy'],
    [[['side', 'legacy']], 'modern', 'modern'],
    [[['group', 'cart']], 'legacy', undefined],
    // The last word of the operator, whatever was said before.
    [[['side', 'legacy'], ['all']], 'legacy', 'legacy'],
    [[['all'], ['side', 'legacy']], 'modern', 'modern'],
    [
      [
        ['side', 'legacy'],
        ['group', 'cart'],
      ],
      'legacy',
      'modern',
    ],
    [
      [
        ['group', 'cart'],
        ['side', 'legacy'],
      ],
      'modern',
      'modern',
    ],
    [[['group', 'cart'], ['all']], 'legacy', 'legacy'],
  ])('%j send cart to %s and everything else to %s', (given, cart, search) => {
    const list = given.map(([scope, target]) => kill(scope, target))
    const state = createKillState(list.toReversed())
    expect([state.sideOf('cart'), state.sideOf('search')]).toEqual([cart, search])
    expect(state.list).toEqual(list)
  })

  it('name the one that holds, for who asks why', () => {
    const [everywhere, own] = [kill('all'), kill('group', 'cart')]
    const state = createKillState([everywhere, own])
    expect(state.killOf('cart')).toEqual(own)
    expect(state.killOf('search')).toEqual(everywhere)
    expect(noKills.killOf('search')).toBeUndefined()
  })

  it('cannot be changed by who looks at them', () => {
    const state = createKillState([kill('all')])
    expect(Object.isFrozen(state) && Object.isFrozen(state.list) && Object.isFrozen(state.list[0])).toBe(true)
  })

  it('know no group by the names that every object has', () => {
    expect(createKillState([kill('group', 'cart')]).sideOf('__proto__')).toBeUndefined()
    expect(createKillState([kill('group', '__proto__')]).sideOf('__proto__')).toBe('legacy')
  })
})
