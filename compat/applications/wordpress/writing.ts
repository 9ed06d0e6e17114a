import type { Journey } from '../../application.ts'
import { caught, expectStatus, type FormFields, type Pair, type Visitor } from '../../pair.ts'
import { type Both, both } from '../../sides.ts'
import { fieldOf, logIn, restNonce } from './visits.ts'

const json = 'application/json'

export const writingJourneys: readonly Journey[] = [
  { name: 'log in, wrongly and rightly, and out', walk: logInAndOut },
  { name: 'comments', walk: comment },
  { name: 'a post by the block editor', walk: writeByEditor },
  { name: 'forms of the administration', walk: useForms },
  { name: 'calls of the administration', walk: callAjax },
  { name: 'XML-RPC and Basic authentication', walk: useOtherInterfaces },
]

export async function logInAndOut(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await visitor.get('/wp-admin/')
  await visitor.get('/wp-login.php?redirect_to=%2Fwp-admin%2Fedit.php&reauth=1')
  const tries: readonly FormFields[] = [
    {},
    { log: 'admin', pwd: '' },
    { log: 'nobody', pwd: 'wrong', testcookie: '1' },
    { log: 'admin', pwd: 'wrong', testcookie: '1' },
    { log: "admin' or '1'='1", pwd: '\\"<b>', testcookie: '1' },
    { 'log[]': 'admin', 'pwd[]': ['a', 'b'] },
  ]
  for (const form of tries) await visitor.post('/wp-login.php', form)
  await visitor.post('/wp-login.php?action=lostpassword', { user_login: 'nobody' })
  await visitor.post('/wp-login.php?action=postpass', { post_password: 'wrong' })
  await visitor.get('/2024/01/post-27/')
  await visitor.post('/wp-login.php?action=postpass', { post_password: 'sesame' })
  await visitor.get('/2024/01/post-27/')
  for (const role of ['editor', 'author', 'subscriber']) {
    const person = pair.visitor()
    await logIn(person, role, `${role}-Password 7`)
    for (const page of ['/', '/wp-admin/', '/wp-admin/edit.php', '/wp-admin/options-general.php'])
      await person.get(page)
  }
  await logIn(visitor)
  const leave = caught(await visitor.get('/wp-admin/'), /href="([^"]*action=logout[^"]*)"/)
  await visitor.get('/wp-login.php?action=logout')
  const there = both((side) => leave[side].replace(/^https?:\/\/[^/]+/, ''))
  expectStatus(await visitor.ask((side) => ({ target: there[side] })), 302)
  await visitor.get('/wp-login.php?loggedout=true&wp_lang=en_US')
  await visitor.get('/wp-admin/')
}

// --- internal ---

async function comment(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  const write = (fields: FormFields) => visitor.post('/wp-comments-post.php', { comment_post_ID: '1', ...fields })
  const who = { author: 'Zoë <i>', email: 'zoe@example.org', url: 'http://zoe.example/?a=1&b=2' }
  await write({})
  await write({ comment: 'nobody wrote this' })
  await write({ ...who, email: 'no address', comment: 'x' })
  await write({ ...who, comment: '' })
  expectStatus(await write({ ...who, comment: 'First — “ünïcode” ☃ <script>alert(1)</script>', submit: 'Post' }), 302)
  await write({ ...who, comment: 'First — “ünïcode” ☃ <script>alert(1)</script>', submit: 'Post' })
  await visitor.get('/?p=1')
  await visitor.get('/?p=1&unapproved=3')
  await write({ ...who, comment: 'y'.repeat(70_000) })
  await write({ ...who, comment_post_ID: '999999', comment: 'z' })
  const known = pair.visitor()
  await logIn(known)
  for (const text of ['Second', 'Third with\r\nlines\r\n', '100% + a=b & c', '<a href="http://x.example">link</a>']) {
    const fields = { comment: text, comment_post_ID: '1', comment_parent: '1', 'wp-comment-cookies-consent': 'yes' }
    expectStatus(await known.post('/wp-comments-post.php', fields), 302)
    await known.get('/?p=1')
  }
  await pair.visitor().get('/comments/feed/')
  await pair.visitor().get('/wp-json/wp/v2/comments?per_page=5')
}

async function writeByEditor(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor)
  const nonce = await restNonce(visitor)
  const call = (method: string, target: string, body: unknown, more: Readonly<Record<string, string>> = {}) =>
    visitor.ask((side) => ({
      method,
      target,
      headers: { 'content-type': json, 'x-wp-nonce': nonce[side], ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }))
  for (const number of [1, 2, 3, 4, 5]) {
    const post = { title: `New ${number} “ü”`, content: `<p>${'text ☃ '.repeat(number * 500)}</p>`, status: 'draft' }
    const id = await idOf(expectStatus(await call('POST', '/wp-json/wp/v2/posts?_locale=user', post), 201))
    const address = `/wp-json/wp/v2/posts/${id}`
    await call('GET', `${address}?context=edit`, undefined)
    await call('POST', `${address}/autosaves`, { title: 'Saved by itself', content: 'x' })
    // The editor asks in this way wherever it wants to change or delete something.
    await call('POST', address, { status: 'publish', tags: [] }, { 'x-http-method-override': 'PUT' })
    await call('PUT', address, { excerpt: 'E', sticky: number === 1, date: '2024-11-11T11:11:11' })
    await call('PATCH', address, { slug: `new-${number}`, comment_status: 'closed' })
    await call('GET', `${address}/revisions`, undefined)
    await visitor.get(`/?p=${id}&preview=true`)
    await visitor.get(`/2024/11/new-${number}/`)
    await pair.visitor().get(`/2024/11/new-${number}/`)
    if (number === 4) await call('POST', address, undefined, { 'x-http-method-override': 'DELETE' })
    if (number === 5) await call('DELETE', `${address}?force=true`, undefined)
    await call('OPTIONS', address, undefined)
  }
  await call('POST', '/wp-json/wp/v2/posts', '{"broken')
  await call('POST', '/wp-json/wp/v2/posts', { status: 'nonsense' })
  await call('POST', '/wp-json/wp/v2/pages', { title: 'Page', content: 'p', status: 'publish' })
  await call('POST', '/wp-json/wp/v2/categories', { name: 'Känguru' })
  await call('POST', '/wp-json/wp/v2/categories', { name: 'Känguru' })
  await call('POST', '/wp-json/wp/v2/tags', { name: 'a/b "c"' })
  await call('POST', '/wp-json/wp/v2/users/2', { description: 'Writes.' })
  await call('POST', '/wp-json/wp/v2/settings', { description: 'Another tagline' })
  await call('POST', '/wp-json/wp/v2/posts', { title: 'No' }, { 'x-wp-nonce': '0000000000' })
  const requests = ['/wp/v2/tags', '/wp/v2/tags'].map((path, index) => ({
    method: 'POST',
    path,
    body: { name: `of a batch ${index}` },
  }))
  await call('POST', '/wp-json/batch/v1', { requests })
  for (const page of ['/', '/feed/', '/wp-sitemap-posts-post-1.xml', '/?s=text']) await pair.visitor().get(page)
}

function idOf(answers: Awaited<ReturnType<Visitor['ask']>>): string {
  return caught(answers, /"id":(\d+)/).direct
}

async function useForms(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor)
  const submit = async (page: string, target: string, fields: FormFields) => {
    const nonce = await fieldOf(visitor, page, '_wpnonce')
    return visitor.post(target, (side) => ({ ...fields, _wpnonce: nonce[side], _wp_http_referer: page }))
  }
  const general = {
    option_page: 'general',
    action: 'update',
    blogname: 'Compat & more',
    blogdescription: 'Ünï',
    admin_email: 'admin@www.compat.example',
    new_admin_email: 'admin@www.compat.example',
    timezone_string: 'UTC',
    date_format: 'j F Y',
    time_format: 'H:i',
    start_of_week: '1',
    default_role: 'subscriber',
  }
  expectStatus(await submit('/wp-admin/options-general.php', '/wp-admin/options.php', general), 302)
  await visitor.get('/wp-admin/options-general.php?settings-updated=true')
  const reading = {
    option_page: 'reading',
    action: 'update',
    posts_per_page: '7',
    posts_per_rss: '9',
    blog_public: '1',
  }
  expectStatus(await submit('/wp-admin/options-reading.php', '/wp-admin/options.php', reading), 302)
  const edited = {
    action: 'editpost',
    post_ID: '1',
    post_type: 'post',
    post_title: 'Hello again',
    content: 'Classic & <b>form</b>',
  }
  const postNonce = await fieldOf(visitor, '/wp-admin/post.php?post=1&action=edit', '_wpnonce')
  await visitor.post('/wp-admin/post.php', (side) => ({ ...edited, _wpnonce: postNonce[side] }))
  await visitor.get('/?p=1')
  const tag = { action: 'add-tag', screen: 'edit-post_tag', taxonomy: 'post_tag', 'tag-name': 'By form', slug: '' }
  const tagNonce = await fieldOf(visitor, '/wp-admin/edit-tags.php?taxonomy=post_tag', '_wpnonce_add-tag')
  await visitor.post('/wp-admin/edit-tags.php', (side) => ({ ...tag, '_wpnonce_add-tag': tagNonce[side] }))
  await visitor.get('/wp-admin/edit-tags.php?taxonomy=post_tag&s=form')
  await visitor.post('/wp-admin/options.php', { ...general, _wpnonce: 'wrong' })
  await moderate(visitor)
  await exportAndDelete(visitor)
}

async function moderate(visitor: Visitor): Promise<void> {
  const page = '/wp-admin/edit-comments.php?comment_status=all&s=Reader'
  const nonce = await fieldOf(visitor, page, '_wpnonce')
  const query = (side: 'direct' | 'fig', action: string) =>
    `/wp-admin/edit-comments.php?_wpnonce=${nonce[side]}&action=${action}&action2=-1&delete_comments%5B%5D=2&delete_comments%5B%5D=3`
  for (const action of ['unapprove', 'approve', 'spam']) {
    await visitor.ask((side) => ({ target: query(side, action) }))
    await visitor.get(page)
  }
}

async function exportAndDelete(visitor: Visitor): Promise<void> {
  await visitor.get('/wp-admin/export.php?download=true&content=all')
  const trash = caught(await visitor.get('/wp-admin/edit.php'), /href="([^"]*action=trash[^"]*)"/)
  const there: Both<string> = both((side) => trash[side].replace(/^https?:\/\/[^/]+/, ''))
  await visitor.ask((side) => ({
    target: there[side],
    headers: { referer: 'http://www.compat.example/wp-admin/edit.php' },
  }))
  await visitor.get('/wp-admin/edit.php?post_status=trash&post_type=post')
  await visitor.get('/wp-admin/post.php?post=3&action=trash')
}

async function callAjax(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor)
  const call = (fields: FormFields | ((side: 'direct' | 'fig') => FormFields)) =>
    visitor.post('/wp-admin/admin-ajax.php', fields)
  const list = await visitor.get('/wp-admin/edit.php')
  const inline = caught(list, /name="_inline_edit" value="([0-9a-f]{10})"/)
  const beat = caught(list, /heartbeatSettings = \{[^}]*"nonce":"([0-9a-f]{10})"/)
  for (const id of ['5', '6', '7', '8']) {
    await call((side) => ({
      action: 'inline-save',
      _inline_edit: inline[side],
      post_ID: id,
      post_type: 'post',
      post_view: 'list',
      screen: 'edit-post',
      post_title: `Changed in the list ${id}`,
      post_name: `changed-${id}`,
      mm: '05',
      jj: '06',
      aa: '2024',
      hh: '07',
      mn: '08',
      ss: '09',
      _status: 'publish',
      'post_category[]': ['0', '2'],
    }))
  }
  for (const focus of ['true', 'false']) {
    const data = {
      'data[wp-refresh-post-lock][post_id]': '5',
      interval: '60',
      screen_id: 'edit-post',
      has_focus: focus,
    }
    await call((side) => ({ action: 'heartbeat', _nonce: beat[side], ...data }))
  }
  await call({ action: 'heartbeat', _nonce: 'wrong' })
  await call({ action: 'query-attachments', 'query[posts_per_page]': '10', 'query[paged]': '1' })
  await call({ action: 'wp-compression-test', test: '1' })
  await visitor.get('/wp-admin/admin-ajax.php?action=ajax-tag-search&tax=post_tag&q=tag')
  await visitor.get('/wp-admin/admin-ajax.php?action=dashboard-widgets&widget=dashboard_primary')
  await call({ action: 'oembed-cache', post: '5' })
  await call({ action: 'parse-embed', post_ID: '5', type: 'embed', shortcode: '[embed]http://x.example/[/embed]' })
  await call({ action: 'closed-postboxes', closed: 'a,b', hidden: 'c', page: 'dashboard' })
}

async function useOtherInterfaces(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  const basic = `Basic ${Buffer.from('admin:abcd efgh ijkl mnop qrst uvwx').toString('base64')}`
  const headers = { authorization: basic, 'content-type': json }
  await visitor.get('/wp-json/wp/v2/users/me?context=edit', headers)
  await visitor.ask({
    method: 'POST',
    target: '/wp-json/wp/v2/posts',
    headers,
    body: '{"title":"By Basic","status":"publish"}',
  })
  await visitor.get('/wp-json/wp/v2/settings', headers)
  const xml = (method: string, ...values: readonly string[]) =>
    `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values
      .map((value) => `<param><value>${value}</value></param>`)
      .join('')}</params></methodCall>`
  const person = ['<int>1</int>', '<string>admin</string>', '<string>correct horse 7 Battery</string>']
  const post = '<struct><member><name>post_title</name><value>By XML</value></member></struct>'
  const bodies = [
    xml('system.listMethods'),
    xml('demo.addTwoNumbers', '<int>4</int>', '<int>5</int>'),
    xml('wp.getPosts', ...person),
    xml('wp.newPost', ...person, post),
    xml('wp.getOptions', ...person),
    xml('wp.getPosts', '<int>1</int>', '<string>admin</string>', '<string>wrong</string>'),
    xml('none.such'),
    '<broken',
    '',
  ]
  for (const body of bodies) {
    const ask = { method: 'POST', target: '/xmlrpc.php', headers: { 'content-type': 'text/xml' }, body }
    await visitor.ask(ask)
    await visitor.ask({ ...ask, chunked: true })
  }
}
