import { describe, expect, it } from 'vitest'
import { defineRoutes, type ModernHandler, type ParamsOf, route } from './index.ts'
import { checkRoutes } from './routing/index.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <T extends true>(claim: T) => claim

const modPage: ModernHandler<{ readonly id: string }> = (c) => c.text(c.env.fig.params.id)
const gamePage: ModernHandler<{ readonly game: string }> = (c) => c.text(c.env.fig.params.game)

describe("a site's route table", () => {
  it('gives a handler the parameters that its pattern captures: the compiler checks it', () => {
    holds<Same<ParamsOf<'GET /:game/mods/:id(\\d+)'>, { readonly game: string; readonly id: string }>>(true)
    holds<Same<ParamsOf<'/mod-:id.html'>, { readonly id: string }>>(true)
    holds<Same<ParamsOf<'/:kind((?:a|b:c)\\))/*'>, { readonly kind: string; readonly '*': string }>>(true)
    holds<Same<ParamsOf<'/about'>, Readonly<Record<never, string>>>>(true)
    type Query = { readonly path: '/index.php'; readonly query: { readonly page: 'mod'; readonly id: ':id(\\d+)' } }
    holds<Same<ParamsOf<Query>, { readonly id: string }>>(true)
    type Both = ParamsOf<readonly ['/:game/mods/:id', Query]>
    holds<Same<Both, { readonly id: string; readonly game?: string }>>(true)
    holds<Same<ParamsOf<string>, Readonly<Record<string, string>>>>(true)
  })

  it('is data, and compiles', () => {
    const definition = defineRoutes({
      routes: [
        { id: 'mod', match: ['/:game/mods/:id(\\d+)', '/mods/:id'], flag: 'mods', modern: modPage },
        { id: 'inline', match: '/users/:name', flag: 'users', modern: (c) => c.text(c.env.fig.params.name) },
        route({ id: 'apart', match: { path: '/i.php', query: { g: ':game' } }, flag: 'games', modern: gamePage }),
        // @ts-expect-error: one of its patterns captures no game
        { id: 'missing', match: ['/:game', '/all'], flag: 'games', modern: gamePage },
        // @ts-expect-error: the pattern captures no such name
        { id: 'misspelt', match: '/x/:id', flag: 'games', modern: (c) => c.text(c.env.fig.params.ID) },
      ],
    })
    expect(definition.routes).toHaveLength(5)
    expect(checkRoutes(definition)).toEqual([])
  })

  it('asks for a handler unless neither side answers any more', () => {
    const { routes } = defineRoutes({
      routes: [
        { id: 'gone', match: '/a', flag: 'old', stage: 'retired', retired: 'gone' },
        { id: 'moved', match: '/b/:id', flag: 'old', stage: 'retired', retired: { redirect: '/c/:id' } },
        { id: 'kept', match: '/mods/:id', flag: 'old', stage: 'retired', retired: 'modern', modern: modPage },
        // @ts-expect-error: there is nothing that could answer
        { id: 'bare', match: '/d', flag: 'new', stage: 'canary' },
      ],
    })
    const problems = checkRoutes({ routes })
    expect(problems.map(({ routeId }) => routeId)).toEqual(['bare'])
  })
})
