/**
 * The routes of this repository's own table, once for each of five groups of mods. Unleash publishes changes once a second: with
 * five flags, a hundred flips take twenty seconds.
 */

import own from '../routes.config.ts'
import { defineRoutes } from '../src/index.ts'
import { endorse } from '../src/modern/endorse/handler.ts'
import { showMod } from '../src/modern/mod-page/handler.ts'

export const flipGroups = [0, 1, 2, 3, 4] as const

export function flipGroupOf(modId: number): number {
  return Math.floor((modId % 10) / 2)
}

export function flipFlag(group: number): string {
  return `flip-${group}`
}

export default {
  routes: flipGroups.flatMap((group) => {
    const lastDigit = `[${group * 2}${group * 2 + 1}]`
    const { routes } = defineRoutes({
      routes: [
        {
          id: `mod-page-${group}`,
          match: [
            `GET /:game([a-z0-9]+)/mods/:id(\\d{0,8}${lastDigit})`,
            { path: '/index.php', query: { page: 'mod', id: `:id(\\d{0,8}${lastDigit})` } },
          ],
          flag: flipFlag(group),
          modern: showMod,
          reads: readsOf('mod-page'),
        },
        {
          id: `endorse-${group}`,
          match: {
            path: '/ajax.php',
            form: { action: /^(?:endorse|abstain)$/, mod_id: new RegExp(`^\\d*${lastDigit}$`) },
          },
          flag: flipFlag(group),
          modern: endorse,
          reads: readsOf('endorse'),
          writes: ['endorsements'],
        },
      ],
    })
    return routes
  }),
}

// --- internal ---

function readsOf(route: string): readonly string[] {
  return own.routes.find(({ id }) => id === route)?.reads ?? []
}
