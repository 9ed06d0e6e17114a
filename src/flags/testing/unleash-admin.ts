/** Unleash's admin API, as far as tests need it: make a feature, give it a share of the visitors, turn it on and off. */
export interface UnleashAccess {
  readonly url: string
  readonly adminToken: string
}

export interface UnleashAdmin {
  /** A feature that is off; with one strategy, a rollout to everybody. */
  createFeature(name: string): Promise<void>
  setShare(name: string, percent: number, constraints?: readonly Constraint[]): Promise<void>
  turn(name: string, state: 'on' | 'off'): Promise<void>
  removeFeature(name: string): Promise<void>
  /** A new backend token, and its removal: what a revoked token looks like to Fig. */
  createToken(name: string): Promise<string>
  removeToken(token: string): Promise<void>
}

export interface Constraint {
  readonly contextName: string
  readonly operator: string
  readonly values: readonly string[]
}

const environment = 'development'
const features = '/api/admin/projects/default/features'

export function unleashAdmin(access: UnleashAccess): UnleashAdmin {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${access.url}${path}`, {
      method,
      headers: { authorization: access.adminToken, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} -> ${response.status} ${text.slice(0, 400)}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  const strategiesOf = (name: string) => `${features}/${name}/environments/${environment}/strategies`
  return {
    async createFeature(name) {
      await call('POST', features, { name, type: 'release' })
      await call('POST', strategiesOf(name), strategy(name, 100))
    },
    async setShare(name, percent, constraints = []) {
      const [existing] = await call<readonly { readonly id: string }[]>('GET', strategiesOf(name))
      if (existing === undefined) throw new Error(`feature ${name} has no strategy`)
      await call('PUT', `${strategiesOf(name)}/${existing.id}`, { ...strategy(name, percent), constraints })
    },
    turn: (name, state) => call('POST', `${features}/${name}/environments/${environment}/${state}`),
    async removeFeature(name) {
      await call('DELETE', `${features}/${name}`)
      await call('DELETE', `/api/admin/archive/${name}`)
    },
    async createToken(tokenName) {
      const made = await call<{ readonly secret: string }>('POST', '/api/admin/api-tokens', {
        tokenName,
        type: 'client',
        environment,
        project: 'default',
      })
      return made.secret
    },
    removeToken: (token) => call('DELETE', `/api/admin/api-tokens/${encodeURIComponent(token)}`),
  }
}

// --- internal ---

function strategy(name: string, percent: number): object {
  return {
    name: 'flexibleRollout',
    parameters: { rollout: String(percent), stickiness: 'default', groupId: name },
    constraints: [],
  }
}
