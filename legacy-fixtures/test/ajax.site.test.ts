import { beforeAll, describe, expect, inject, it } from 'vitest'
import { logIn, postAjax, type SiteMember } from './site-member.ts'

// bob neither wrote nor endorsed mod 27; Dovah wrote 12; 13 is a draft and 14 is hidden.
const modId = '27'
const siteUrl = inject('siteUrl')

describe('endorsing by AJAX', () => {
  let bob: SiteMember

  beforeAll(async () => {
    bob = await logIn(siteUrl, 'bob', 'builder')
  })

  const vote = (action: 'endorse' | 'abstain', fields: Readonly<Record<string, string>> = {}) =>
    postAjax(siteUrl, { action, mod_id: modId, csrf: bob.csrf, ...fields }, bob)

  it('counts a member once, however often the button is clicked', async () => {
    await vote('abstain')
    const { count } = (await vote('abstain')).body as { count: number }

    const answers = [await vote('endorse'), await vote('endorse'), await vote('abstain'), await vote('abstain')]

    expect(answers.map((answer) => answer.body)).toEqual([
      { ok: true, endorsed: true, count: count + 1 },
      { ok: true, endorsed: true, count: count + 1 },
      { ok: true, endorsed: false, count },
      { ok: true, endorsed: false, count },
    ])
  })

  it('sends the headers of a page that must not be cached, and an exact length', async () => {
    const { status, headers } = await vote('abstain')

    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('expires')).toBe('Thu, 19 Nov 1981 08:52:00 GMT')
    expect(headers.get('cache-control')).toBe('no-store, no-cache, must-revalidate')
    expect(headers.get('pragma')).toBe('no-cache')
    expect(headers.get('content-length')).toMatch(/^\d+$/)
    expect(headers.get('content-encoding')).toBeNull()
    expect(headers.getSetCookie()).toEqual([])
  })

  it('refuses in the order login, token, mod, author', async () => {
    const dovah = await logIn(siteUrl, 'Dovah', 'dragon')
    const anonymous = await postAjax(siteUrl, { action: 'endorse', mod_id: 'none' })
    const withoutToken = await vote('endorse', { mod_id: 'none', csrf: 'wrong' })
    const draft = await vote('endorse', { mod_id: '13' })
    const own = await postAjax(siteUrl, { action: 'endorse', mod_id: '12', csrf: dovah.csrf }, dovah)

    expect(anonymous).toMatchObject({ status: 403, body: { ok: false, error: 'login' } })
    expect(anonymous.headers.get('expires')).toBeNull()
    expect(withoutToken).toMatchObject({ status: 403, body: { ok: false, error: 'csrf' } })
    expect(draft).toMatchObject({ status: 404, body: { ok: false, error: 'not-found' } })
    expect(own).toMatchObject({ status: 409, body: { ok: false, error: 'own-mod' } })
  })

  it.each(['', ' 27', '27.0', '-27', '2e1', '00000000027', '4294967323', '14', '15'])(
    'finds no mod %j',
    async (mod_id) => {
      expect(await vote('endorse', { mod_id })).toMatchObject({ status: 404, body: { error: 'not-found' } })
    },
  )

  it('takes a number with zeros in front, and a field name with a dot, as PHP does', async () => {
    expect((await vote('abstain', { mod_id: '0000000027' })).status).toBe(200)
    const dotted = { action: 'abstain', 'mod.id': modId, csrf: bob.csrf }
    expect((await postAjax(siteUrl, dotted, bob)).status).toBe(200)
  })
})

describe('the other actions', () => {
  it('answers an unknown action with 400 and a GET with 405', async () => {
    expect(await postAjax(siteUrl, { action: 'nope' })).toMatchObject({ status: 400, body: { error: 'action' } })
    const get = await fetch(`${siteUrl}/ajax.php?action=endorse`)
    expect(get.status).toBe(405)
    expect(get.headers.get('allow')).toBe('POST')
  })

  it.each([
    ['DOVAH ', 'taken'],
    ['Dövah', 'taken'],
    ['ab', 'invalid'],
    ['Nobody of this name', null],
  ])('says of the name %j that it is %s, by the collation of the database', async (name, reason) => {
    const { body } = await postAjax(siteUrl, { action: 'check_name', name })
    expect(body).toEqual({ ok: true, name, free: reason === null, reason })
  })

  it('previews a comment and tracks many mods for members only', async () => {
    const bob = await logIn(siteUrl, 'bob', 'builder')
    expect(await postAjax(siteUrl, { action: 'comment_preview', body: 'x' })).toMatchObject({ status: 403 })

    const preview = await postAjax(siteUrl, { action: 'comment_preview', body: '[b]<é>[/b]', csrf: bob.csrf }, bob)
    expect(preview.body).toEqual({ ok: true, html: '<strong>&lt;é&gt;</strong>' })

    await postAjax(siteUrl, { action: 'untrack', mod_id: '28', csrf: bob.csrf }, bob)
    const many = { action: 'track_many', 'mod_ids[]': '28', 'mod_ids[x]': '13', csrf: bob.csrf }
    expect((await postAjax(siteUrl, many, bob)).body).toEqual({ ok: true, tracked: 1 })
  })
})
