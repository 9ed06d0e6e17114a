import type { Side } from './kill-state.ts'
import {
  createSigner,
  lifetimeProblems,
  nameProblems,
  refuseToken,
  type SigningKey,
  sideProblems,
  type TokenRefusal,
} from './signing.ts'

export type OverrideTarget = { readonly route: string } | { readonly group: string } | '*'

/** Lets staff and tests choose a side for themselves. Whoever holds the token has it, until it expires. */
export interface Override {
  readonly target: OverrideTarget
  readonly side: Side
  readonly who: string
  /** In milliseconds of the epoch, on a whole second. */
  readonly expiresAt: number
  readonly keyId: string
}

export interface Overrides {
  /** @throws controls.token-refused, or controls.key-refused where there is no key */
  issue(override: Omit<Override, 'keyId'>): string
  read(token: string, now: number): Override | { readonly refused: TokenRefusal }
}

export interface OverridesOptions {
  /** The first signs, all verify. Without any, every token is refused. */
  readonly keys: readonly SigningKey[]
  readonly lifetimeMaxMs?: number
  readonly now?: () => number
}

export function createOverrides({ keys, lifetimeMaxMs = dayMs, now = Date.now }: OverridesOptions): Overrides {
  const signer = createSigner('fo1', keys)
  return {
    issue: ({ target, side, who, expiresAt }) => {
      const [kind, name] = writtenTarget(target)
      refuseToken('the override was not issued', [
        ...(kind === '*' ? [] : nameProblems(kind === 'r' ? 'route' : 'group', name)),
        ...sideProblems(side),
        ...nameProblems('who', who),
        ...lifetimeProblems(expiresAt, now(), lifetimeMaxMs),
      ])
      return signer.sign([kind, name, side, who], expiresAt)
    },
    read: (token, at) => {
      const signed = signer.read(token, at)
      if ('refused' in signed) return signed
      const [kind, name, side, who] = signed.fields
      const target = readTarget(kind, name)
      if (target === undefined || (side !== 'legacy' && side !== 'modern') || typeof who !== 'string') {
        return { refused: 'malformed' }
      }
      return { target, side, who, expiresAt: signed.expiresAt, keyId: signed.keyId }
    },
  }
}

/** The side that an override chooses for a route, if it concerns it. */
export function overriddenSide(
  { target, side }: Override,
  route: { readonly id: string; readonly group: string },
): Side | undefined {
  if (target === '*') return side
  return ('route' in target ? target.route === route.id : target.group === route.group) ? side : undefined
}

// --- internal ---

const dayMs = 24 * 3_600_000

function writtenTarget(target: OverrideTarget): readonly ['*' | 'r' | 'g', string] {
  if (target === '*') return ['*', '']
  return 'route' in target ? ['r', target.route] : ['g', target.group]
}

function readTarget(kind: unknown, name: unknown): OverrideTarget | undefined {
  if (kind === '*') return '*'
  if (typeof name !== 'string') return undefined
  return kind === 'r' ? { route: name } : kind === 'g' ? { group: name } : undefined
}
