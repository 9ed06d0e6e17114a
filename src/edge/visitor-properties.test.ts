import { expect, it } from 'vitest'
import { compileRoutes, type RouteHandler } from '../routing/index.ts'
import type { EdgeDeps } from './index.ts'
import { exchangeRaw, httpUpstream, startEdge } from './testing/edge-stack.ts'

it('tells flags the address and the headers that were asked for, and no header that is not there', async () => {
  await using php = await httpUpstream((_req, res) => res.end('from PHP'))
  const told: unknown[] = []
  const flags: EdgeDeps['flags'] = () => ({
    source: 'static',
    receivedAt: undefined,
    evaluate: (_flag, { properties }) => {
      told.push(properties)
      return { state: 'off', partial: false }
    },
  })
  const modern = (() => new Response('')) as unknown as RouteHandler
  await using edge = await startEdge({
    legacyUrl: php.url,
    routes: compileRoutes({ routes: [{ id: 'page', match: '/page', flag: 'f', modern }] }),
    flags,
    settings: {
      visitorProperties: [
        { name: 'country', header: 'cf-ipcountry' },
        { name: 'clientVersion', header: 'application-version' },
      ],
    },
  })
  await exchangeRaw(edge.port, 'GET /page HTTP/1.1\r\nHost: a\r\nCF-IPCountry: DE\r\nConnection: close\r\n\r\n')
  expect(told).toEqual([{ remoteAddress: '127.0.0.1', country: 'DE' }])
})
