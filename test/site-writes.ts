/** What members write through the forms, scripts and API of the legacy site: one example of each kind. */
import { deflateSync } from 'node:zlib'
import { aliceApiKey } from '../legacy-fixtures/seed/index.ts'
import { type FormBody, type FormFields, multipart, urlencoded } from './multipart.ts'
import type { RawRequest } from './raw-http.ts'
import { newMember } from './wrong-forms.ts'

export interface SiteWrite {
  readonly name: string
  /** A member, or somebody with a session who is not logged in. */
  readonly as: 'visitor' | 'alice' | 'bob' | 'Dovah' | 'admin'
  /** Sent one after the other, in one session. */
  readonly requests: (csrf: string) => readonly (RawRequest & { readonly target: string })[]
  /** The tables that it has to change, or the comparison would be one of two nothings. */
  readonly tables: readonly string[]
  /** How many files it leaves: letters, archives, pictures. */
  readonly files?: number
}

type Fields = Readonly<Record<string, string>>

const someText = "Caf\u00e9 \u2014 \u{1f409} [b]<bold>[/b] 'quoted' \\ and\r\na second line"

const letter: Fields = {
  name: 'Ren\u00e9',
  email: 'r@example.org',
  topic: 'help',
  subject: 'Caf\u00e9',
  message: someText,
  copy: '1',
}

const editedMod: Fields = {
  action: 'save',
  name: 'The Showcase \u2014 new',
  category_id: '0',
  summary: 'Caf\u00e9',
  description: someText,
  version: '2.0',
  adult: '1',
  'permissions[modify]': '1',
  'requirements[0][id]': '1',
  'requirements[0][notes]': '\u20ac',
}

const modFile: FormFields = [
  ['action', 'add_file'],
  ['file_name', 'Caf\u00e9'],
  ['file_category', 'main'],
  ['file_version', '2'],
  ['archive', { filename: 'caf\u00e9.zip', type: 'application/zip', content: smallZip() }],
]

const settings: Fields = {
  action: 'options',
  registration: '1',
  adult_default: '0',
  max_upload_mb: '20',
  rate: '1.5',
  languages: 'en, de',
}

export const siteWrites: readonly SiteWrite[] = [
  form('a comment', 'bob', ['comments', 'mods'], '/comment', { action: 'add', mod_id: '12', body: someText }),
  form('an answer', 'bob', ['comments', 'mods'], '/comment', {
    action: 'add',
    mod_id: '1',
    parent_id: '1',
    body: 'Yes.',
  }),
  form('a changed comment', 'admin', ['comments'], '/comment', { action: 'edit', id: '1', body: someText }),
  form('a deleted comment', 'admin', ['comments', 'mods'], '/comment', { action: 'delete', id: '1' }),
  form('an endorsement', 'alice', ['endorsements', 'mods'], '/ajax.php', { action: 'endorse', mod_id: '12' }),
  form('an abstention', 'bob', ['endorsements', 'mods'], '/ajax.php', { action: 'abstain', mod_id: '12' }),
  form('tracking', 'alice', ['tracked_mods'], '/ajax.php', { action: 'track_many', 'mod_ids[]': '30' }),
  form('a login', 'visitor', ['users', 'activity_log'], '/login', { username: 'Alice', password: 'wonderland' }),
  form('a login to be remembered', 'visitor', ['users', 'activity_log', 'remember_tokens'], '/login', {
    username: 'Dovah',
    password: 'dragon',
    remember: '1',
    return: '/skyrim',
  }),
  form('a failed login', 'visitor', ['activity_log'], '/login', { username: 'alice', password: 'wrong' }),
  { ...form('a registration', 'visitor', ['users', 'activity_log'], '/register', newMember), files: 1 },
  form('a new password', 'bob', ['users', 'activity_log'], '/password', {
    current: 'builder',
    password: 'builder2',
    password2: 'builder2',
  }),
  { ...form('a letter', 'visitor', [], '/contact', letter), files: 2 },
  form('a hidden mod', 'Dovah', ['mods', 'users', 'games', 'activity_log'], '/hide', { id: '12', action: 'hide' }),
  form('an edited mod', 'Dovah', ['mods', 'mod_requirements', 'activity_log'], '/edit?id=12', editedMod),
  { ...form('a file of a mod', 'Dovah', ['mod_files', 'mods'], '/edit?id=12', modFile), files: 1 },
  form('a banned member', 'admin', ['users', 'activity_log'], '/admin', { action: 'ban', user_id: '5' }),
  form('settings', 'admin', ['settings', 'activity_log'], '/admin', settings),
  { ...upload('an upload in five steps', 'alice', ['mods', 'mod_files', 'mod_images', 'users', 'games']), files: 2 },
  api('tracking by the API', ['tracked_mods'], 'user/tracked_mods', '{"domain_name":"skyrim","mod_id":"31"}'),
  api('an endorsement by the API', ['endorsements', 'mods'], 'games/skyrim/mods/26/endorse', '{"Version":"1"}'),
  api('feedback', ['activity_log'], 'feedbacks', 'feedback_text=x&feedback_title=Caf%E9'),
  { ...download('a download that is counted', ['downloads', 'mod_files', 'mods']) },
]

// --- internal ---

type As = SiteWrite['as']
type Request = RawRequest & { readonly target: string }

function form(name: string, as: As, tables: readonly string[], target: string, fields: Fields | FormFields): SiteWrite {
  const bodyOf = (csrf: string): FormBody =>
    isList(fields) ? multipart([['csrf', csrf], ...fields]) : urlencoded({ csrf, ...fields })
  return { name, as, tables, requests: (csrf) => [post(target, bodyOf(csrf))] }
}

function isList(fields: Fields | FormFields): fields is FormFields {
  return Array.isArray(fields)
}

function api(name: string, tables: readonly string[], path: string, body: string): SiteWrite {
  const type = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded'
  const headers = { apikey: aliceApiKey, 'content-type': type }
  const request: Request = { method: 'POST', target: `/api/v1/${path}`, headers, body }
  return { name, as: 'visitor', tables: [...tables, 'api_usage'], requests: () => [request] }
}

function download(name: string, tables: readonly string[]): SiteWrite {
  return { name, as: 'visitor', tables, requests: () => [{ target: '/download/1' }] }
}

function upload(name: string, as: As, tables: readonly string[]): SiteWrite {
  return { name, as, tables, requests: uploadSteps }
}

function uploadSteps(csrf: string): readonly Request[] {
  const next = { csrf, action: 'next' }
  const details = {
    summary: 'Caf\u00e9',
    description: someText,
    version: '1.0',
    adult: '0',
    'tags[]': 'proof, pudding',
  }
  const picture = { filename: 'one.png', type: 'image/png', content: onePixel() }
  const archive = { filename: 'mod.zip', type: 'application/zip', content: smallZip() }
  const start = Object.entries(next)
  return [
    post('/upload?step=1', urlencoded({ ...next, game_id: '1', name: 'Proof of the pudding', category_id: '1' })),
    post(
      '/upload?step=2',
      urlencoded({ ...next, ...details, 'permissions[modify]': '1', 'meta.source': 'https://example.org/' }),
    ),
    post(
      '/upload?step=3',
      multipart([...start, ['archive', archive], ['file_name', 'Main'], ['file_category', 'main']]),
    ),
    post(
      '/upload?step=4',
      multipart([...start, ['screens[]', picture], ['captions[]', 'Caf\u00e9 \u201cquoted\u201d']]),
    ),
    post('/upload?step=5', urlencoded({ csrf, action: 'publish' })),
  ]
}

function post(target: string, { headers, body }: FormBody): Request {
  return { method: 'POST', target, headers, body }
}

/** PHP looks at its first bytes only. */
function smallZip(): Buffer {
  return Buffer.from('PK\x03\x04 and so on')
}

/** A grey PNG of one pixel. PHP looks at the head only. */
function onePixel(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)])
  }
  const head = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const pixels = chunk('IDAT', deflateSync(Buffer.from([0, 128])))
  return Buffer.concat([signature, chunk('IHDR', head), pixels, chunk('IEND', Buffer.alloc(0))])
}
