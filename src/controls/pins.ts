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

/** A form is posted to the side that rendered it, whatever the flag says by then. */
export interface Pin {
  readonly group: string
  readonly side: Side
  /** Names this one flow, for the count of those that are open. */
  readonly flow: string
  /** In milliseconds of the epoch, on a whole second. */
  readonly expiresAt: number
}

export interface Pins {
  /** @throws controls.token-refused, or controls.key-refused where there is no key */
  sign(pin: Pin): string
  read(token: string, now: number): Pin | { readonly refused: TokenRefusal }
}

export interface PinsOptions {
  /** The first signs, all verify. The keys of overrides may be used: neither token passes for the other. */
  readonly keys: readonly SigningKey[]
  readonly lifetimeMaxMs?: number
  readonly now?: () => number
}

export function createPins({ keys, lifetimeMaxMs = dayMs, now = Date.now }: PinsOptions): Pins {
  const signer = createSigner('fp1', keys)
  return {
    sign: ({ group, side, flow, expiresAt }) => {
      refuseToken('the pin was not signed', [
        ...nameProblems('group', group),
        ...sideProblems(side),
        ...nameProblems('flow', flow),
        ...lifetimeProblems(expiresAt, now(), lifetimeMaxMs),
      ])
      return signer.sign([group, side, flow], expiresAt)
    },
    read: (token, at) => {
      const signed = signer.read(token, at)
      if ('refused' in signed) return signed
      const [group, side, flow] = signed.fields
      if (typeof group !== 'string' || (side !== 'legacy' && side !== 'modern') || typeof flow !== 'string') {
        return { refused: 'malformed' }
      }
      return { group, side, flow, expiresAt: signed.expiresAt }
    },
  }
}

// --- internal ---

const dayMs = 24 * 3_600_000
