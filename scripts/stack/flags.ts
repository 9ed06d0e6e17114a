/** The route groups' flags, made in Unleash where they are missing: off, with a full rollout for when they are turned on. */
import { StackError } from './parts.ts'

export interface UnleashAccess {
  readonly url: string
  readonly adminToken: string
}

export const flagEnvironment = 'development'

export async function ensureFlags(unleash: UnleashAccess, flags: readonly string[]): Promise<void> {
  const existing = await call<{ features: { name: string }[] }>(unleash, 'GET', '')
  const known = new Set(existing.features.map(({ name }) => name))
  for (const flag of flags.filter((name) => !known.has(name))) {
    await call(unleash, 'POST', '', { name: flag, type: 'release', description: 'Route group of Fig' })
    await call(unleash, 'POST', `/${flag}/environments/${flagEnvironment}/strategies`, {
      name: 'flexibleRollout',
      parameters: { rollout: '100', stickiness: 'default', groupId: flag },
    })
  }
}

/** Where a flag is turned `on` or `off` by a POST with the admin token. */
export function flagSwitchUrl(unleashUrl: string, flag: string, state: 'on' | 'off'): string {
  return `${unleashUrl}${featuresPath}/${flag}/environments/${flagEnvironment}/${state}`
}

// --- internal ---

const featuresPath = '/api/admin/projects/default/features'
const callTimeoutMs = 20_000

async function call<T>(unleash: UnleashAccess, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${unleash.url}${featuresPath}${path}`, {
    method,
    headers: { authorization: unleash.adminToken, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(callTimeoutMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) {
    throw new StackError(
      `Unleash refused ${method} ${featuresPath}${path} with ${response.status}.`,
      'Read the log of Unleash.',
      [text.slice(0, 400)],
    )
  }
  return JSON.parse(text) as T
}
