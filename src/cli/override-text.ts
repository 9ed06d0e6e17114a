import type { OverrideTarget, TokenRefusal } from '../controls/index.ts'
import { plain } from './table.ts'

/** As the edge calls them (src/edge/steering.ts). */
export const overrideNames = { cookie: 'fig_override', header: 'x-fig-override' } as const

/** `group product-page`, for people. */
export function targetText(target: OverrideTarget): string {
  if (target === '*') return 'every route'
  return 'route' in target ? `route ${plain(target.route)}` : `group ${plain(target.group)}`
}

export const refusalTexts: Readonly<Record<TokenRefusal, string>> = {
  expired: 'it has expired',
  'bad-signature': 'its signature is wrong: it was changed, cut off, or signed with another secret of the same key id',
  'unknown-key': 'it was signed with a key that FIG_SIGNING_KEYS does not have',
  malformed: 'it is no token of an override',
}
