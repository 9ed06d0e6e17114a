import { bannedMemberId, namedMembers } from '../members.ts'
import { danglingModId } from '../mod-plan.ts'
import { type SeedFact, seen, type TrapName } from './fact.ts'

const { dovah, alice, bob } = namedMembers

// Rows that their tables' generators always make.
export const otherTraps: readonly SeedFact[] = [
  row('requirement-chain', 'mod_requirements', { mod_id: 56, requires_id: 57 }, 'requires_id'),
  row('requirement-chain', 'mod_requirements', { mod_id: 59, requires_id: 60 }, 'requires_id'),
  row('requirement-cycle', 'mod_requirements', { mod_id: 54, requires_id: 55 }, 'requires_id'),
  row('requirement-cycle', 'mod_requirements', { mod_id: 55, requires_id: 54 }, 'requires_id'),
  row('dangling-reference', 'mod_requirements', { mod_id: 61, requires_id: danglingModId }, 'requires_id'),
  row('self-reference', 'mod_requirements', { mod_id: 62, requires_id: 62 }, 'requires_id'),
  row('abstained', 'endorsements', { mod_id: 12, user_id: 5 }, 'status', 'status = 2'),
  row('tinyint-2', 'endorsements', { mod_id: 2, user_id: alice.id }, 'status', 'status = 2'),
  row('zero-timestamp', 'tracked_mods', { user_id: bob.id, mod_id: 1 }, 'since', "since = '0000-00-00 00:00:00'"),
  row('dangling-reference', 'tracked_mods', { user_id: bob.id, mod_id: danglingModId }, 'mod_id'),
  {
    ...row('duplicate-row', 'downloads', { file_id: 1, when: '2013-12-24 18:00:00' }, 'when', `user_id = ${alice.id}`),
    rows: 2,
  },
  row(
    'binary',
    'downloads',
    { file_id: 1, when: '2013-12-24 18:00:01' },
    'ip',
    "HEX(ip) = '20010DB8000000000000000000000001' AND user_id IS NULL",
  ),
  row(
    'dangling-reference',
    'downloads',
    { file_id: 4000000000, when: '2008-08-08 08:08:08' },
    'file_id',
    "HEX(ip) = '7F000001'",
  ),
  row('accent', 'tags', { id: 46 }, 'name', "name = 'naive' AND BINARY name = 'Naïve'"),
  row('trailing-space', 'tags', { id: 54 }, 'name', "BINARY name = 'Co-op '"),
  row('emoji', 'tags', { id: 55 }, 'name', "BINARY name = '🐉'"),
  row('zero-reference', 'categories', { id: 1 }, 'parent_id', 'parent_id = 0'),
  row('windows-1252', 'news', { id: 1 }, 'body', "HEX(body) LIKE '%80%' AND HEX(body) LIKE '%93%94%'"),
  row('double-encoded', 'news', { id: 2 }, 'body', "HEX(body) LIKE '%C3A9%'"),
  row('id-above-2^53', 'messages', { id: '9007199254740993' }, 'id', `to_id = ${alice.id}`),
  row('id-above-2^53', 'messages', { id: '9007199254740995' }, 'id', `to_id = ${dovah.id}`),
  row('bit', 'messages', { id: 1 }, 'read', '`read` + 0 = 1'),
  row('php-serialize', 'settings', { key: 'site_options' }, 'value', "value LIKE 'a:%'"),
  row('php-serialize-broken', 'settings', { key: 'footer_links' }, 'value', "value LIKE 'a:1:{s:5:%'"),
  row('null', 'settings', { key: 'maintenance_message' }, 'value', 'value IS NULL'),
  row('empty-string', 'settings', { key: 'analytics_id' }, 'value', "HEX(value) = ''"),
  row('string-zero', 'settings', { key: 'maintenance' }, 'value', "value = '0'"),
  row('binary', 'activity_log', { id: 1 }, 'detail', "HEX(detail) = '00FF00FE5C27220A0D1A80'"),
  row('null', 'activity_log', { id: 2 }, 'detail', 'detail IS NULL AND user_id IS NULL'),
  row('zero-date', 'daily_stats', { day: '0000-00-00', game_id: 1 }, 'day'),
  row(
    'float',
    'daily_stats',
    { day: '2014-05-31', game_id: 1 },
    'ratio',
    'ABS(ratio - 0.1) < 0.000001 AND ratio <> 0.1',
  ),
  row('json', 'import_queue', { id: 1 }, 'payload', "JSON_VALUE(payload, '$.size') = '9007199254740993'"),
  row('null', 'import_queue', { id: 2 }, 'payload', 'payload IS NULL'),
  row(
    'by-banned-member',
    'remember_tokens',
    { selector: 'banned0remember0' },
    'user_id',
    `user_id = ${bannedMemberId}`,
  ),
]

// --- internal ---

function row(trap: TrapName, table: string, key: SeedFact['key'], column: string, check = '1 = 1'): SeedFact {
  return { ...seen(trap, table, '', column, check), key }
}
