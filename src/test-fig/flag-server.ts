import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** On, off, or on for this percentage of the visitors. */
export type FlagState = boolean | number

/** As much of Unleash's client API as Fig asks for, so that a test flips flags the way an operator does. */
export interface FlagServer {
  /** For FIG_UNLEASH_URL. */
  readonly url: string
  /** Resolves when the client has taken the new state over. */
  set(flag: string, state: FlagState): Promise<void>
  close(): Promise<void>
}

export async function startFlagServer(initial: Readonly<Record<string, FlagState>>): Promise<FlagServer> {
  const states = new Map(Object.entries(initial))
  let version = 1
  let waiting: readonly Waiting[] = []
  const settle = (read: number): void => {
    for (const { until, resolve } of waiting) if (read >= until) resolve()
    waiting = waiting.filter(({ until }) => read < until)
  }
  const server = createServer((request, response) => {
    const known = request.headers['if-none-match']
    // Who names a version has read it, and polls again only when it is in force.
    settle(Number(/"(\d+)"/.exec(known ?? '')?.[1] ?? 0))
    const etag = `"${version}"`
    if (known === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    response.writeHead(200, { etag, 'content-type': 'application/json' })
    response.end(JSON.stringify({ version: 2, features: [...states].map(([name, state]) => featureOf(name, state)) }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (flag, state) => {
      states.set(flag, state)
      version += 1
      return new Promise((resolve) => {
        waiting = [...waiting, { until: version, resolve }]
      })
    },
    close: () =>
      new Promise((resolve) => {
        settle(Number.POSITIVE_INFINITY)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

// --- internal ---

interface Waiting {
  readonly until: number
  readonly resolve: () => void
}

function featureOf(name: string, state: FlagState): object {
  const rollout = typeof state === 'number' ? state : 100
  const parameters = { rollout: String(rollout), stickiness: 'default', groupId: name }
  return { name, enabled: state !== false, strategies: [{ name: 'flexibleRollout', parameters, constraints: [] }] }
}
