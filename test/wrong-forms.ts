/** Forms with input that the site refuses: nothing is written, and the page says why. See legacy-fixtures/FORMS.md. */
import { type FormBody, type FormFields, multipart, urlencoded } from './multipart.ts'

export interface WrongForm extends FormBody {
  readonly target: string
}

const someText = 'Quotes " \' <b> & bytes \u00e9\u20ac\u{1f409}'
const noArchive = { filename: 'mod.zip', type: 'application/zip', content: 'this is no archive' }
const noPicture = { filename: 'caf\u00e9 1.png', type: 'image/png', content: Buffer.from([0x89, 0x50, 0, 0xff]) }

/** For somebody who has a session and is not logged in. */
export function wrongFormsOfVisitors(csrf: string): readonly WrongForm[] {
  return [
    plain('/login', { csrf: 'wrong', username: 'alice', password: 'wonderland' }),
    plain('/login', { csrf, username: '', password: '' }),
    plain('/login', { csrf, username: someText, password: 'x', remember: '1', return: '/skyrim?sort=name' }),
    plain('/index.php?page=login', { csrf, 'username[]': 'alice', password: 'x' }),
    plain('/register', { csrf }),
    plain('/register', { csrf, ...newMember, username: 'DOVAH ' }),
    plain('/register', { csrf, ...newMember, password2: 'other1', email: 'none', country: 'XXX', terms: '' }),
    plain('/contact', { csrf, name: someText, email: 'no address', topic: 'none', subject: '', message: '' }),
    plain('/comment', { csrf, action: 'add', mod_id: '12', body: 'x' }),
    plain('/comment', { csrf, action: 'none' }),
    plain('/upload?step=1', { csrf, action: 'next' }),
    plain('/password', { csrf, current: 'a' }),
    plain('/admin', { csrf, action: 'ban', user_id: '5' }),
    plain('/hide', { csrf, id: '12', action: 'hide' }),
    plain('/edit?id=12', { csrf, action: 'save' }),
    plain('/ajax.php', { csrf, action: 'track', mod_id: '12' }),
  ]
}

/** For alice, who wrote no mods. */
export function wrongFormsOfMembers(csrf: string): readonly WrongForm[] {
  return [
    plain('/login', { csrf, username: 'alice', password: 'wrong' }),
    plain('/comment', { action: 'add', mod_id: '12', body: 'no token' }),
    plain('/comment', { csrf, action: 'add', mod_id: '12', body: ' ' }),
    plain('/comment', { csrf, action: 'add', mod_id: '12', parent_id: '1', body: 'x'.repeat(10_001) }),
    plain('/comment', { csrf, action: 'add', mod_id: '14', body: 'hidden' }),
    plain('/comment', { csrf, action: 'edit', id: '1', body: 'not mine' }),
    plain('/comment', { csrf, action: 'delete', id: '999999' }),
    plain('/password', { csrf, current: 'wrong', password: 'short', password2: 'other' }),
    plain('/admin', { csrf, action: 'ban', user_id: '5' }),
    plain('/hide', { csrf, id: '12', action: 'hide' }),
    plain('/edit?id=12', { csrf, action: 'save' }),
    plain('/upload?step=1', { csrf, action: 'next', game_id: '1', name: 'x', category_id: '0' }),
    plain('/upload?step=3', { csrf, action: 'next' }),
    plain('/ajax.php', { csrf, action: 'endorse', mod_id: '999999' }),
    plain('/ajax.php', { csrf, action: 'comment_preview', body: '' }),
    plain('/ajax.php', { csrf, action: 'comment_preview', body: `[b]${someText}[/b]` }),
    plain('/ajax.php', { csrf, action: 'unread' }),
  ]
}

/** For Dovah, who wrote mod 12 and not mod 1. */
export function wrongFormsOfAuthors(csrf: string): readonly WrongForm[] {
  return [
    plain('/edit?id=12', { csrf, action: 'save', name: '', category_id: '0', summary: someText, description: 'short' }),
    plain('/edit?id=1', { csrf, action: 'save' }),
    plain('/edit?id=12', { csrf, action: 'none' }),
    files('/edit?id=12', [
      ['csrf', csrf],
      ['action', 'add_file'],
      ['archive', noArchive],
      ['file_name', someText],
    ]),
    files('/edit?id=12', [
      ['csrf', csrf],
      ['action', 'add_screens'],
      ['screens[]', noPicture],
      ['captions[]', someText],
    ]),
    files('/edit?id=12', [
      ['csrf', 'wrong'],
      ['action', 'add_file'],
      ['archive', noArchive],
    ]),
    plain('/hide', { csrf, id: '999999', action: 'hide' }),
    plain('/ajax.php', { csrf, action: 'endorse', mod_id: '12' }),
  ]
}

export function wrongFormsOfAdmins(csrf: string): readonly WrongForm[] {
  return [
    plain('/admin', { csrf, action: 'none' }),
    plain('/admin', { csrf, action: 'ban', user_id: '1', q: 'ad' }),
    plain('/admin', { csrf, action: 'ban', user_id: '999999' }),
    plain('/admin', { csrf, action: 'hide_mod', mod_id: '#999999' }),
    plain('/admin', { csrf, action: 'options', max_upload_mb: 'x', rate: 'y', languages: '', motto: someText }),
    plain('/admin', { action: 'ban', user_id: '5' }),
  ]
}

export const newMember = {
  username: 'Newcomer',
  email: 'newcomer@example.org',
  password: 'secret12',
  password2: 'secret12',
  country: 'DE',
  gender: 'none',
  'birthday[day]': '31',
  'birthday[month]': '2',
  'birthday[year]': '1990',
  'options[]': 'beta',
  terms: '1',
}

// --- internal ---

function plain(target: string, fields: Readonly<Record<string, string>>): WrongForm {
  return { target, ...urlencoded(fields) }
}

function files(target: string, fields: FormFields): WrongForm {
  return { target, ...multipart(fields) }
}
