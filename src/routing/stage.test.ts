import { describe, expect, it } from 'vitest'
import { checkRoutes, compileRoutes } from './compile.ts'
import type { RouteDefinition, Stage } from './route-definition.ts'
import { checkMoves, isLegalMove, stages } from './stage.ts'

const modern = () => new Response()

function definition(...routes: readonly Partial<RouteDefinition>[]) {
  return {
    routes: routes.map((given, index) => ({ id: `r${index}`, match: `/${index}`, flag: 'f', modern, ...given })),
  }
}

function problemsOf(...routes: readonly Partial<RouteDefinition>[]): readonly string[] {
  return checkRoutes(definition(...routes)).map(({ routeId, problem, fix }) => `${routeId}: ${problem}; ${fix}`)
}

describe('the stage of a route', () => {
  it('is canary where none is declared, and implies the side when the flag cannot be read', () => {
    const sideOf = (given: Partial<RouteDefinition>) => compileRoutes(definition(given)).routes[0]
    expect(sideOf({})).toMatchObject({ stage: 'canary', default: 'legacy', retired: undefined })
    expect(sideOf({ stage: 'legacy' })).toMatchObject({ stage: 'legacy', default: 'legacy' })
    expect(sideOf({ stage: 'shadow' })).toMatchObject({ stage: 'shadow', default: 'legacy' })
    expect(sideOf({ stage: 'modern' })).toMatchObject({ stage: 'modern', default: 'modern' })
    expect(sideOf({ stage: 'modern', default: 'legacy' })).toMatchObject({ stage: 'modern', default: 'legacy' })
    expect(sideOf({ stage: 'canary', default: 'modern' })).toMatchObject({ default: 'modern' })
  })

  it('is refused where it is none, or a default has no meaning in it', () => {
    expect(problemsOf({ stage: 'beta' as Stage })).toEqual([
      "r0: stage 'beta' is none; write one of legacy, shadow, canary, modern, retired",
    ])
    expect(problemsOf({ stage: 'shadow', default: 'modern' })).toEqual([
      "r0: default 'modern' has no meaning in stage 'shadow', in which the flag decides nothing; " +
        "leave it out, or take the route to stage 'canary' or 'modern'",
    ])
    expect(problemsOf({ stage: 'legacy', default: 'legacy' })).toHaveLength(1)
    expect(problemsOf({ stage: 'retired', retired: 'gone', default: 'modern' })).toHaveLength(1)
  })

  it('may not part the routes of a group, but for retired ones', () => {
    const parts = '; move the routes of a group together, or give this one a flag of its own'
    expect(problemsOf({ stage: 'canary' }, { stage: 'shadow' })).toEqual([
      `r1: its stage 'shadow' parts it from 'r0' in stage 'canary', which shares flag 'f'${parts}`,
    ])
    expect(problemsOf({ stage: 'canary' }, { stage: 'modern' })).toEqual([
      "r1: its default differs from that of 'r0', which shares flag 'f' (stage 'modern' implies 'modern'); " +
        'give all routes of the group the same default',
    ])
    expect(problemsOf({ stage: 'canary', default: 'modern' }, { stage: 'modern' })).toEqual([])
    expect(problemsOf({ stage: 'legacy' }, { stage: 'shadow' })).toEqual([])
    expect(problemsOf({ stage: 'retired', retired: 'gone' }, {}, { stage: 'retired', retired: 'modern' })).toEqual([])
    expect(problemsOf({ stage: 'legacy' }, { flag: 'g' })).toEqual([])
  })
})

describe('a move from stage to stage', () => {
  const legal: Readonly<Record<Stage, Readonly<Record<Stage, boolean>>>> = {
    legacy: { legacy: true, shadow: true, canary: true, modern: false, retired: false },
    shadow: { legacy: true, shadow: true, canary: true, modern: false, retired: false },
    canary: { legacy: true, shadow: true, canary: true, modern: true, retired: false },
    modern: { legacy: true, shadow: true, canary: true, modern: true, retired: true },
    retired: { legacy: false, shadow: false, canary: false, modern: false, retired: true },
  }

  it('is legal by one step forward, or past shadow, or any number of steps back, but never out of retired', () => {
    for (const from of stages)
      for (const to of stages) expect([from, to, isLegalMove(from, to)]).toEqual([from, to, legal[from][to]])
  })

  it('is looked for in a table that is to replace another one, by the ids of the routes', () => {
    const was = compileRoutes(
      definition(
        { stage: 'legacy', flag: 'a' },
        { stage: 'shadow', flag: 'b' },
        { stage: 'retired', retired: 'gone', flag: 'c' },
        { stage: 'retired', retired: 'modern', flag: 'd' },
        { stage: 'modern', flag: 'e' },
        { stage: 'modern', flag: 'f' },
      ),
    )
    const becomes = compileRoutes(
      definition(
        { stage: 'modern', flag: 'a' },
        { stage: 'canary', flag: 'b' },
        { stage: 'canary', flag: 'c' },
        { stage: 'modern', flag: 'new', id: 'another' },
        { stage: 'legacy', flag: 'e' },
      ),
    )
    expect(checkMoves(was, becomes)).toEqual([
      {
        routeId: 'r0',
        problem: "it cannot go from 'legacy' to 'modern' at once",
        fix: "take it to 'canary' first, and on from there when it has proved itself",
      },
      {
        routeId: 'r2',
        problem: "it cannot go back to 'canary': there is no way out of 'retired'",
        fix: "keep it at 'retired'",
      },
      {
        routeId: 'r3',
        problem: "it is retired, and without it PHP would get its requests again: there is no way out of 'retired'",
        fix: 'keep it, or restart Fig with the new table if PHP is to answer there',
      },
    ])
    expect(checkMoves(was, was)).toEqual([])
  })
})
