/** The desktop-app API, call by call: see legacy-fixtures/API.md. */
import { aliceApiKey, dovahApiKey } from '../legacy-fixtures/seed/index.ts'
import { urlencoded } from './multipart.ts'
import type { PairedRequest } from './paired-sites.ts'

const game = '/api/v1/games/skyrim'

const calls = [
  ...[
    '/api/v1/users/validate.json',
    '/api/v1/user/tracked_mods',
    '/api/v1/user/endorsements.json',
    '/api/v1/games.json',
  ],
  ...[
    '/api/v1/games',
    '/api/v1/games/',
    `${game}.json`,
    `${game}/mods/latest_added.json`,
    `${game}/mods/latest_updated`,
  ],
  ...[
    `${game}/mods/trending`,
    `${game}/mods/updated?period=1m`,
    `${game}/mods/updated?period=1y`,
    `${game}/mods/12.json`,
  ],
  ...[
    `${game}/mods/13`,
    `${game}/mods/14`,
    `${game}/mods/15`,
    `${game}/mods/999999`,
    `${game}/mods/12/changelogs.json`,
  ],
  ...[`${game}/mods/12/files`, `${game}/mods/12/files?category=main,old_version`, `${game}/mods/1/files/1.json`],
  ...[
    `${game}/mods/1/files/99999`,
    `${game}/mods/1/files/1/download_link`,
    `${game}/mods/1/files/1/download_link?key=x&expires=1`,
  ],
  ...[`${game}/mods/md5_search/00000000000000000000000000000000`, `${game}/mods/md5_search/none`, '/api/v1/games/none'],
  ...[
    '/api/v1/colourschemes',
    '/api/v1/feedbacks/list_user_issues',
    '/api/v1',
    '/api/v1/',
    '/api/v1/none',
    '/api/v2/games',
  ],
]

export interface ApiCall extends PairedRequest {
  /** Which member's allowance it uses up. */
  readonly memberId: number | undefined
}

const alice = { key: aliceApiKey, memberId: 3 }

export const apiCalls: readonly ApiCall[] = [
  ...calls.map((target) => call(target, alice)),
  ...calls.map((target) => call(target, { key: dovahApiKey, memberId: 2 })),
  ...calls.slice(0, 8).map((target) => ({ ...call(target, alice), method: 'HEAD' })),
  ...['', 'nokey', "' OR 1=1", 'x'.repeat(41)].map((key) => call('/api/v1/games.json', { key, memberId: undefined })),
  { target: '/api/v1/games.json', memberId: undefined },
  { ...call('/api/v1/games.json', alice), headers: { apikey: aliceApiKey, 'accept-encoding': 'gzip' } },
  { ...call('/api/v1/games.json', alice), method: 'DELETE' },
  { ...call('/api/v1/games.json', alice), method: 'PUT', body: '{}' },
  post('/api/v1/user/tracked_mods', '{"domain_name":"skyrim"}'),
  post('/api/v1/user/tracked_mods', 'not json'),
  { ...post('/api/v1/user/tracked_mods', '{"domain_name":"skyrim","mod_id":"999999"}'), method: 'DELETE' },
  post(`${game}/mods/13/endorse`, '{"Version":"1"}'),
  post(`${game}/mods/999999/abstain`, '{"Version":"1"}'),
  { ...post(`${game}/mods/12/endorse`, '{}'), headers: { apikey: dovahApiKey }, memberId: 2 },
  post('/api/v1/feedbacks', ''),
  {
    method: 'POST',
    target: '/api/v1/feedbacks/anonymous',
    ...urlencoded({ feedback_title: 'x' }),
    memberId: undefined,
  },
]

// --- internal ---

function call(target: string, { key, memberId }: { key: string; memberId: number | undefined }): ApiCall {
  return { target, headers: { apikey: key }, memberId }
}

function post(target: string, body: string): ApiCall {
  const headers = { apikey: aliceApiKey, 'content-type': 'application/json' }
  return { method: 'POST', target, headers, body, memberId: alice.memberId }
}
