import {
  type Breakers,
  type Controls,
  createBreakers,
  noKills,
  type Overrides,
  overriddenSide,
} from './controls/index.ts'
import type { Steering } from './edge/index.ts'
import type { Flows } from './flows.ts'
import type { Logger, Metrics } from './platform/index.ts'
import type { Route } from './routing/index.ts'

export interface SteeringParts {
  /** Undefined without Postgres: there is no kill switch then. */
  readonly controls: Controls | undefined
  readonly overrides: Overrides
  readonly flows: Flows
  readonly breaker: { readonly failuresMax: number; readonly openMs: number }
  readonly log: Logger
  readonly metrics: Metrics
}

export interface SteeringWithStatus {
  readonly steering: Steering
  /** For /status. */
  status(): object
  /** After a new route table. */
  retain(routes: readonly Route[]): void
}

/** Joins what stands above the flags: the kill switch, overrides, and a breaker for each route. */
export function createSteering(parts: SteeringParts): SteeringWithStatus {
  const breakers = createBreakers(parts.breaker)
  const { controls, overrides, flows, log } = parts
  countOpen(parts.metrics, breakers)
  reportKills(parts.metrics, controls)
  const opened = parts.metrics.counter({
    name: 'fig_breaker_opened_total',
    help: 'Times that a route was taken from its handler after repeated failures.',
    labelNames: ['route'],
  })
  return {
    steering: {
      stateFor: (route, token, pins) => {
        const { epoch, kills } = controls?.snapshot() ?? nothing
        return {
          epoch,
          kills,
          override: token === undefined ? undefined : sideOf(route, overrides.read(token, Date.now())),
          pin: flows.pinnedSide(route, pins),
          breakerOpen: breakers.isOpen(route.id),
          fenced: undefined,
        }
      },
      overrideEnds: (token) => {
        const override = overrides.read(token, Date.now())
        return 'refused' in override ? undefined : override.expiresAt
      },
      openFlow: flows.openFlow,
      closeFlow: flows.closeFlow,
      tries: ({ id }) => breakers.mayTry(id),
      tried: ({ id }, outcome) => {
        if (outcome === 'failed' && breakers.failed(id)) {
          opened.inc({ route: id })
          log.warn({ route: id, openMs: parts.breaker.openMs }, 'its handler keeps failing: PHP answers for a while')
        } else if (outcome === 'succeeded' && breakers.succeeded(id)) {
          log.info({ route: id }, 'its handler answers again')
        } else if (outcome === 'abandoned') {
          breakers.abandoned(id)
        }
      },
    },
    status: () => ({
      breakers: breakers.list(),
      flows: flows.status(),
      ...(controls && { controls: controlStatus(controls) }),
    }),
    retain: (routes) => breakers.retain(new Set(routes.map(({ id }) => id))),
  }
}

// --- internal ---

const nothing = { epoch: 0, kills: noKills }

function sideOf({ id, flag }: Route, override: ReturnType<Overrides['read']>) {
  return 'refused' in override ? undefined : overriddenSide(override, { id, group: flag })
}

function controlStatus(controls: Controls): object {
  const { epoch, kills, source, confirmedAt } = controls.snapshot()
  return { epoch, source, ageMs: confirmedAt === undefined ? null : Date.now() - confirmedAt, kills: kills.list }
}

function countOpen(metrics: Metrics, breakers: Breakers): void {
  metrics.gauge({
    name: 'fig_breakers_open',
    help: 'Routes whose handler is not tried just now.',
    collect() {
      this.set(breakers.list().filter(({ state }) => state !== 'closed').length)
    },
  })
}

function reportKills(metrics: Metrics, controls: Controls | undefined): void {
  if (controls === undefined) return
  metrics.gauge({
    name: 'fig_kills_active',
    help: 'Kills that nobody has undone.',
    collect() {
      this.set(controls.snapshot().kills.list.length)
    },
  })
  metrics.gauge({
    name: 'fig_controls_epoch',
    help: 'The latest kill or undo that this process knows.',
    collect() {
      this.set(controls.snapshot().epoch)
    },
  })
}
