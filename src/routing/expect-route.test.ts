import { describe, expect, it } from 'vitest'
import { createStaticFlags } from '../flags/index.ts'
import { compileRoutes } from './compile.ts'
import { expectRoute } from './expect-route.ts'

const modern = () => new Response()
const table = compileRoutes({
  routes: [
    { id: 'mod-page', match: '/mods/:id(\\d+)', flag: 'mods', modern },
    { id: 'rpc', match: { path: '/rpc', json: { '/action': 'endorse' } }, flag: 'mods', modern },
    { id: 'endorse', match: { path: '/ajax.php', form: { action: 'endorse' } }, flag: 'mods', modern },
  ],
})
const flags = createStaticFlags({ mods: true }).snapshot()

describe('expectRoute', () => {
  it('says which side a request goes to and what it matched', () => {
    expectRoute(table, 'GET /mods/7', { flags }).toGoTo('modern')
    expectRoute(table, 'GET /mods/7', { flags }).toMatch('mod-page', { id: '7' })
    expectRoute(table, 'GET /mods/x', { flags }).toGoTo('legacy')
    expectRoute(table, 'GET /mods/x', { flags }).toMatch(undefined)
    expectRoute(table, 'POST /ajax.php', { flags, form: 'action=endorse&mod_id=7' }).toMatch('endorse')
    expectRoute(table, 'POST /ajax.php', { flags, form: 'action=comment' }).toGoTo('legacy')
    expectRoute(table, 'POST /rpc', { flags, json: { action: 'endorse', id: 7 } }).toMatch('rpc')
    expectRoute(table, 'POST /rpc', { flags, json: { action: 'comment' } }).toMatch(undefined)
  })

  it('throws, with the reason, where it is otherwise', () => {
    const off = createStaticFlags({ mods: false }).snapshot()
    expect(() => expectRoute(table, 'GET /mods/7', { flags: off }).toGoTo('modern')).toThrow(
      'expected GET /mods/7 to go to modern, but it goes to legacy: flag-off (route mod-page, flag mods)',
    )
    expect(() => expectRoute(table, 'GET /mods/7', { flags }).toMatch('endorse')).toThrow('but got mod-page')
    expect(() => expectRoute(table, 'GET /mods/7', { flags }).toMatch('mod-page', { id: '8' })).toThrow('{"id":"7"}')
  })

  it('shows that neither login nor anything else but the visitor id moves a visitor', () => {
    const half = createStaticFlags({ mods: 50 }).snapshot()
    for (let index = 0; index < 200; index += 1) {
      const visitor = { id: `visitor-${index}` }
      const anonymous = expectRoute(table, 'GET /mods/7', { flags: half, visitor })
      const loggedIn = {
        cookie: `PHPSESSID=${index}; MVREMEMBER=x`,
        authorization: 'Basic eA==',
        'user-agent': `${index}`,
      }
      expectRoute(table, 'GET /mods/7', { flags: half, visitor, headers: loggedIn }).toGoTo(anonymous.decision.target)
      const posted = { flags: half, visitor, headers: loggedIn, form: 'action=endorse' }
      expectRoute(table, 'POST /ajax.php', posted).toGoTo(anonymous.decision.target)
    }
  })
})
