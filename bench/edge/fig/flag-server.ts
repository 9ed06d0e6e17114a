/** Answers as Unleash's client API does, so that Fig polls and evaluates as in production without a database beside it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { flagName, routesPerFlag } from './bench-routes.ts'

export interface FlagServer {
  /** Below it, for each size of the route table: /<routes>/api. */
  readonly url: string
  close(): void
}

/**
 * Every flag is on for one percent of the visitors, and the one of the load is none of them: Fig has to read the visitor's
 * cookie and to draw, the most work that a flag can be, and then forwards to PHP.
 */
export async function startFlagServer(): Promise<FlagServer> {
  const server = createServer((req, res) => {
    const routes = Number(/^\/(\d+)\/api\/client\/features$/.exec(req.url ?? '')?.[1] ?? 0)
    if (req.headers['if-none-match'] === etag) res.writeHead(304).end()
    else res.writeHead(200, { 'Content-Type': 'application/json', ETag: etag }).end(stateFor(routes))
  })
  await listen(server)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

// --- internal ---

const etag = '"bench-1"'

function stateFor(routes: number): string {
  const features = Array.from({ length: Math.ceil(routes / routesPerFlag) }, (_, index) => ({
    name: flagName(index * routesPerFlag),
    type: 'release',
    enabled: true,
    stale: false,
    impressionData: false,
    project: 'default',
    variants: [],
    strategies: [
      {
        name: 'flexibleRollout',
        constraints: [],
        parameters: { rollout: '1', stickiness: 'default', groupId: 'bench' },
        variants: [],
      },
    ],
  }))
  return JSON.stringify({ version: 2, features, segments: [] })
}

function listen(server: Server): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  return promise
}
