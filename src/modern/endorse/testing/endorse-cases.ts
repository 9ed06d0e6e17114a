import { aliceRememberToken } from '../../../../legacy-fixtures/seed/index.ts'
import { multipart, urlencoded } from '../../../../test/multipart.ts'
import type { RawRequest } from '../../../../test/raw-http.ts'

/** One request to endorse or abstain, from a known start. alice (3) is a member, Dovah wrote mod 12, mod 13 is a draft, 14 hidden. */
export interface EndorseCase {
  readonly name: string
  /** Whose session comes with it. */
  readonly as?: 'alice' | 'Dovah' | 'visitor' | 'banned' | 'gone' | 'greeted' | 'unknown'
  readonly cookie?: string
  /** How alice has voted on mod 12 before. */
  readonly vote?: 1 | 2
  readonly request: (csrf: string) => RawRequest & { readonly target?: string }
  /** Which side answers through Fig; `unmatched` is PHP too, because by its form field it is no endorsement. */
  readonly by: 'modern' | 'legacy' | 'unmatched'
  readonly expected: {
    readonly status: number
    readonly json: object
    /** How many rows, by table. */
    readonly changed: Readonly<Record<string, number>>
  }
}

type Fields = Readonly<Record<string, string>>

const form = 'application/x-www-form-urlencoded'

const remembered = `MVREMEMBER=${aliceRememberToken.selector}:${aliceRememberToken.validator}`
const member = { as: 'alice', by: 'modern' } as const
const declined = { as: 'alice', by: 'legacy' } as const
const unmatched = { as: 'alice', by: 'unmatched' } as const

const endorsed = { status: 200, json: { ok: true, endorsed: true }, changed: { endorsements: 1, mods: 1 } }
const abstained = { status: 200, json: { ok: true, endorsed: false }, changed: { endorsements: 1, mods: 1 } }
const stillEndorsed = { ...endorsed, changed: {} }
const stillAbstained = { ...abstained, changed: {} }
const loggedInAnew = { ...refused(403, 'csrf'), changed: { users: 1 } }

export const endorseCases: readonly EndorseCase[] = [
  { name: 'a member endorses', ...member, request: send('endorse'), expected: endorsed },
  { name: 'a member endorses again', ...member, vote: 1, request: send('endorse'), expected: stillEndorsed },
  { name: 'a member abstains', ...member, vote: 1, request: send('abstain'), expected: abstained },
  { name: 'a member abstains again', ...member, vote: 2, request: send('abstain'), expected: stillAbstained },
  { name: 'a member endorses after abstaining', ...member, vote: 2, request: send('endorse'), expected: endorsed },
  { name: 'a member abstains without a vote', ...member, request: send('abstain'), expected: stillAbstained },

  { name: 'nobody is logged in', by: 'modern', request: send('endorse'), expected: refused(403, 'login') },
  {
    name: 'the session is a visitor’s',
    ...member,
    as: 'visitor',
    request: send('endorse'),
    expected: refused(403, 'login'),
  },
  { name: 'the member is banned', ...member, as: 'banned', request: send('endorse'), expected: refused(403, 'login') },
  { name: 'the member is gone', ...member, as: 'gone', request: send('endorse'), expected: refused(403, 'login') },
  { name: 'a message waits in the session', ...member, as: 'greeted', request: send('endorse'), expected: endorsed },

  {
    name: 'the token is wrong',
    ...member,
    request: send('endorse', { csrf: 'f'.repeat(32) }),
    expected: refused(403, 'csrf'),
  },
  { name: 'the token is short', ...member, request: send('endorse', { csrf: 'f' }), expected: refused(403, 'csrf') },
  { name: 'the token is missing', ...member, request: raw('action=endorse&mod_id=12'), expected: refused(403, 'csrf') },
  { name: 'the token is in the address', ...member, request: tokenInQuery, expected: refused(403, 'csrf') },

  ...['999999', '13', '14', '15', '0', '', ' 12', '12 ', '12.0', '-12', '1e1', '0x0c', '00000000012', '4294967308'].map(
    (id) => ({
      ...{ name: `the mod is ${JSON.stringify(id)}`, ...member, request: send('endorse', { mod_id: id }) },
      expected: refused(404, 'not-found'),
    }),
  ),
  { name: 'no mod is named', ...member, request: withToken('action=endorse'), expected: refused(404, 'not-found') },
  {
    name: 'the number has zeros in front',
    ...member,
    request: send('endorse', { mod_id: '0000000012' }),
    expected: endorsed,
  },
  {
    name: 'the mod is the member’s own',
    ...member,
    as: 'Dovah',
    request: send('endorse'),
    expected: refused(409, 'own-mod'),
  },

  {
    name: 'a field comes twice',
    ...member,
    request: withToken('action=abstain&mod_id=1&mod_id=12&action=endorse'),
    expected: endorsed,
  },
  { name: 'values are encoded', ...member, request: withToken('action=%65ndorse&mod_id=%31%32&'), expected: endorsed },
  { name: 'names are encoded', ...declined, request: withToken('action=endorse&mod%5Fid=12'), expected: endorsed },
  {
    name: 'there are more fields',
    ...member,
    request: send('endorse', { 'a-b_C9': 'caf\u00e9 + %' }),
    expected: endorsed,
  },
  {
    name: 'the address has a query',
    ...member,
    request: toTarget('/ajax.php?action=abstain&mod_id=1'),
    expected: endorsed,
  },
  { name: 'the type names a charset', ...member, request: withType(`${form}; charset=UTF-8`), expected: endorsed },
  { name: 'the type is in capitals', ...member, request: withType(form.toUpperCase()), expected: endorsed },
  {
    name: 'the body comes in chunks',
    ...member,
    request: withHeader('transfer-encoding', 'chunked'),
    expected: endorsed,
  },
  {
    name: 'the body waits for 100 Continue',
    ...member,
    request: withHeader('expect', '100-continue'),
    expected: endorsed,
  },
  {
    name: 'the member would be remembered too',
    ...member,
    cookie: remembered,
    request: send('endorse'),
    expected: endorsed,
  },

  { name: 'the form is multipart', ...declined, request: asMultipart, expected: endorsed },
  {
    name: 'the mod is an array',
    ...declined,
    request: withToken('action=endorse&mod_id[]=12'),
    expected: refused(404, 'not-found'),
  },
  {
    name: 'the token is an array',
    ...declined,
    request: raw('action=endorse&mod_id=12&csrf[]=x'),
    expected: refused(403, 'csrf'),
  },
  { name: 'a name has a dot', ...declined, request: withToken('action=endorse&mod.id=12'), expected: endorsed },
  {
    name: 'a value is no UTF-8',
    ...declined,
    request: withToken('action=endorse&mod_id=12&x=%E9'),
    expected: endorsed,
  },
  {
    name: 'a value has a NUL',
    ...declined,
    request: withToken('action=endorse&mod_id=12%00'),
    expected: refused(404, 'not-found'),
  },
  {
    name: 'the member is remembered by cookie only',
    by: 'legacy',
    cookie: remembered,
    request: send('endorse'),
    expected: loggedInAnew,
  },
  {
    name: 'the session is unknown',
    ...declined,
    as: 'unknown',
    request: send('endorse'),
    expected: refused(403, 'login'),
  },

  { name: 'there is no action', ...unmatched, request: withToken('mod_id=12'), expected: refused(400, 'action') },
  {
    name: 'the action is an array',
    ...unmatched,
    request: withToken('action[]=endorse&mod_id=12'),
    expected: refused(400, 'action'),
  },
  { name: 'the action is in capitals', ...unmatched, request: send('ENDORSE'), expected: refused(400, 'action') },
  { name: 'the action is in the address only', ...unmatched, request: actionInQuery, expected: refused(400, 'action') },
  { name: 'the body is empty', ...unmatched, request: raw(''), expected: refused(400, 'action') },
  { name: 'the body has no type', ...unmatched, request: withType(undefined), expected: refused(400, 'action') },
  { name: 'the body is JSON', ...unmatched, request: withType('application/json'), expected: refused(400, 'action') },
  {
    name: 'the form is larger than Fig looks into',
    ...unmatched,
    request: send('endorse', { x: 'x'.repeat(1_100_000) }),
    expected: endorsed,
  },
  { name: 'it is a GET', ...unmatched, request: byMethod('GET'), expected: refused(405, 'method') },
  { name: 'it is a PUT', ...unmatched, request: byMethod('PUT'), expected: refused(405, 'method') },
]

// --- internal ---

function send(action: string, more: Fields = {}): EndorseCase['request'] {
  return (csrf) => urlencoded({ action, mod_id: '12', csrf, ...more })
}

function raw(body: string): EndorseCase['request'] {
  return () => ({ headers: { 'content-type': form }, body })
}

function withToken(body: string): EndorseCase['request'] {
  return (csrf) => ({ headers: { 'content-type': form }, body: `${body}&csrf=${csrf}` })
}

function withHeader(name: string, value: string): EndorseCase['request'] {
  return (csrf) => {
    const { headers, body } = send('endorse')(csrf)
    return { headers: { ...headers, [name]: value }, ...(body === undefined ? {} : { body }) }
  }
}

function withType(type: string | undefined): EndorseCase['request'] {
  return (csrf) => {
    const { body = '' } = send('endorse')(csrf)
    return { headers: type === undefined ? {} : { 'content-type': type }, body }
  }
}

function toTarget(target: string): EndorseCase['request'] {
  return (csrf) => ({ ...send('endorse')(csrf), target })
}

function tokenInQuery(csrf: string): RawRequest & { readonly target: string } {
  return { ...urlencoded({ action: 'endorse', mod_id: '12' }), target: `/ajax.php?csrf=${csrf}` }
}

function actionInQuery(csrf: string): RawRequest & { readonly target: string } {
  return { ...urlencoded({ mod_id: '12', csrf }), target: '/ajax.php?action=endorse' }
}

function byMethod(method: string): EndorseCase['request'] {
  return (csrf) => {
    const { body = '' } = send('endorse')(csrf)
    // Node gives no length to the body of a GET.
    const headers = { 'content-type': form, 'content-length': String(body.length) }
    return { method, target: '/ajax.php?action=endorse&mod_id=12', headers, body }
  }
}

function asMultipart(csrf: string): RawRequest {
  return multipart([
    ['action', 'endorse'],
    ['mod_id', '12'],
    ['csrf', csrf],
  ])
}

function refused(status: number, error: string): EndorseCase['expected'] {
  return { status, json: { ok: false, error }, changed: {} }
}
