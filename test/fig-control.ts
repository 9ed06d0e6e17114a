/** What an operator does, for tests: move a route group by its flag in Unleash, and see which side answers. */
import type { StackDescription } from '../scripts/stack/index.ts'

export type FlagState = 'off' | 'on' | { readonly percent: number }

const environment = 'development'

/** Sets the flag in Unleash. Returns when Unleash has it; see waitForSide() for when Fig obeys. */
export async function setFlag(unleash: StackDescription['unleash'], flag: string, state: FlagState): Promise<void> {
  const feature = `/api/admin/projects/default/features/${flag}/environments/${environment}`
  if (state !== 'off') {
    const rollout = state === 'on' ? '100' : String(state.percent)
    const strategies = (await call(unleash, 'GET', `${feature}/strategies`)) as readonly { readonly id: string }[]
    const [strategy] = strategies
    if (strategy === undefined) throw new Error(`flag ${flag} has no strategy`)
    const parameters = { rollout, stickiness: 'default', groupId: flag }
    await call(unleash, 'PUT', `${feature}/strategies/${strategy.id}`, { name: 'flexibleRollout', parameters })
  }
  await call(unleash, 'POST', `${feature}/${state === 'off' ? 'off' : 'on'}`)
}

/** Asks for `path` until `side` has answered it. Fails after `timeoutMs`. Returns how long it took, in milliseconds. */
export async function waitForSide(
  fig: Pick<StackDescription, 'figUrl' | 'operatorUrl'>,
  path: string,
  side: Side,
  timeoutMs = 20_000,
): Promise<number> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < timeoutMs) {
    const before = await answersBy(fig.operatorUrl, side)
    const response = await fetch(`${fig.figUrl}${path}`, { redirect: 'manual' })
    await response.arrayBuffer()
    if ((await answersBy(fig.operatorUrl, side)) > before) return performance.now() - startedAt
  }
  throw new Error(`${path} was not answered by the ${side} side within ${timeoutMs} ms`)
}

export type Side = 'legacy' | 'modern'

/** How many requests this side has answered so far: those that matched this route, or any. */
export async function answersBy(operatorUrl: string, side: Side, route?: string): Promise<number> {
  return (await answersOfSides(operatorUrl, route))[side]
}

/** Both sides' numbers of one moment. */
export async function answersOfSides(operatorUrl: string, route?: string): Promise<Readonly<Record<Side, number>>> {
  const metrics = await (await fetch(`${operatorUrl}/metrics`)).text()
  const lines = metrics.split('\n').filter((line) => {
    if (!line.startsWith('fig_requests_total{')) return false
    return route === undefined ? !line.includes('route="none"') : line.includes(`route="${route}"`)
  })
  const answersOf = (side: Side): number =>
    lines
      .filter((line) => line.includes(`target="${side}"`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  return { legacy: answersOf('legacy'), modern: answersOf('modern') }
}

// --- internal ---

async function call(
  unleash: StackDescription['unleash'],
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${unleash.url}${path}`, {
    method,
    headers: { authorization: unleash.adminToken, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`Unleash refused ${method} ${path} with ${response.status}: ${text.slice(0, 300)}`)
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}
