import { administrator, type Journey } from '../../application.ts'
import { askAgainInOtherWays, crawl } from '../../crawl.ts'
import { multipartBody, multipartType, noise, smallPng } from '../../multipart.ts'
import { caught, encodeForm, expectStatus, type FormFields, type Pair, type Visitor } from '../../pair.ts'
import type { Both, SideName } from '../../sides.ts'

/** What ends the session, is drawn by lot, is sorted by numbers that many pages share, or is one picture in another colour. */
const leaveOut =
  /Special:(?:UserLog[io]|Random|CreateAccount|MediaStatistics|(?:Most|Fewest)[A-Z]\w+|(?:Wanted|Orphaned|Uncategorized|Shortest|Short|Long|Ancient|Lonely)\w+)|action=(?:rollback|purge|unwatch|watch|logout)|token=|variant=/i
const starts = [
  '/',
  '/wiki/Main_Page',
  '/wiki/Page_3',
  '/wiki/Special:AllPages',
  '/wiki/Special:SpecialPages',
  '/api.php',
]

export const mediawikiJourneys: readonly Journey[] = [
  {
    name: 'crawl as visitor',
    walk: async (pair) => {
      const visited = await crawl(pair.visitor(), { start: starts, depthMax: 4, pagesMax: 550, leaveOut })
      const everyFifth = visited.filter((_, index) => index % 5 === 0)
      await askAgainInOtherWays(pair.visitor(), everyFifth.slice(0, 80))
    },
  },
  {
    name: 'crawl as administrator',
    walk: async (pair) => {
      const visitor = pair.visitor()
      await logIn(visitor)
      await crawl(visitor, {
        start: ['/wiki/Special:SpecialPages', '/wiki/Page_1'],
        depthMax: 2,
        pagesMax: 250,
        leaveOut,
      })
    },
  },
  { name: 'search, redirects and what is not there', walk: askOddThings },
  { name: 'log in, wrongly and rightly, and out', walk: logInAndOut },
  { name: 'edits by form', walk: editByForm },
  { name: 'calls of the API', walk: callApi },
  { name: 'uploads', walk: upload },
]

// --- internal ---

async function logIn(visitor: Visitor, user = 'Admin', password = administrator.password): Promise<void> {
  const token = await hiddenField(visitor, '/index.php?title=Special:UserLogin', 'wpLoginToken')
  const form = {
    wpName: user,
    wpPassword: password,
    wploginattempt: 'Log in',
    authAction: 'login',
    title: 'Special:UserLogin',
  }
  const answers = await visitor.post('/index.php?title=Special:UserLogin', (side) => ({
    ...form,
    wpLoginToken: token[side],
    wpRemember: '1',
  }))
  expectStatus(answers, 302)
}

async function hiddenField(visitor: Visitor, page: string, name: string): Promise<Both<string>> {
  const answers = await visitor.get(page)
  const pattern = new RegExp(`(?:value="([^"]*)"[^>]*name="${name}"|name="${name}"[^>]*value="([^"]*)")`)
  const before = new RegExp(`<input[^>]*value="([^"]*)"[^>]*name="${name}"`)
  const behind = new RegExp(`<input[^>]*name="${name}"[^>]*value="([^"]*)"`)
  caught(answers, pattern)
  return caughtEither(answers, before, behind)
}

function caughtEither(answers: Awaited<ReturnType<Visitor['get']>>, first: RegExp, second: RegExp): Both<string> {
  try {
    return caught(answers, first)
  } catch {
    return caught(answers, second)
  }
}

async function logInAndOut(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  const page = '/index.php?title=Special:UserLogin&returnto=Page+3'
  const tries: readonly FormFields[] = [
    { wpName: 'Admin', wpPassword: 'wrong' },
    { wpName: 'Nobody', wpPassword: 'x' },
    { wpName: '', wpPassword: '' },
    { wpName: 'A#<b>', wpPassword: '"\\' },
  ]
  for (const form of tries) {
    const token = await hiddenField(visitor, page, 'wpLoginToken')
    await visitor.post(page, (side) => ({ ...form, wpLoginToken: token[side], authAction: 'login' }))
  }
  await visitor.post(page, { wpName: 'Admin', wpPassword: administrator.password, authAction: 'login' })
  await logIn(visitor)
  for (const target of ['/wiki/Page_3', '/wiki/Special:Preferences', '/wiki/Special:Watchlist'])
    await visitor.get(target)
  const leave = await csrfToken(visitor)
  await visitor.post('/api.php', (side) => ({ action: 'logout', token: leave[side], format: 'json' }))
  await visitor.get('/wiki/Special:Watchlist')
  const other = pair.visitor()
  const create = await hiddenField(other, '/index.php?title=Special:CreateAccount', 'wpCreateaccountToken')
  const account = {
    wpName: 'Newcomer',
    wpPassword: 'a long password 42',
    retype: 'a long password 42',
    authAction: 'create',
  }
  await other.post('/index.php?title=Special:CreateAccount', (side) => ({
    ...account,
    wpCreateaccountToken: create[side],
  }))
  await other.get('/wiki/Main_Page')
  await other.get('/wiki/Special:Log/newusers')
}

async function csrfToken(visitor: Visitor): Promise<Both<string>> {
  const answers = await visitor.get('/api.php?action=query&meta=tokens&format=json')
  const found = caught(answers, /"csrftoken":"([0-9a-f]*\+\\\\)"/)
  return { direct: found.direct.replace('\\\\', '\\'), fig: found.fig.replace('\\\\', '\\') }
}

async function askOddThings(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  for (const target of oddTargets) await visitor.get(target)
  for (const target of oddTargets) await visitor.ask({ method: 'HEAD', target })
  for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH']) {
    for (const target of ['/wiki/Page_3', '/api.php', '/rest.php/v1/page/Page_3']) await visitor.ask({ method, target })
  }
  const headers = [
    { 'accept-encoding': 'identity' },
    { 'accept-language': 'de' },
    { cookie: 'compat_session=none; compatUserID=1; compatToken=wrong' },
    { origin: 'http://elsewhere.example' },
    { 'if-modified-since': 'Sat, 01 Jan 2050 00:00:00 GMT' },
    { 'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' },
    { 'x-forwarded-host': 'evil.example' },
    { range: 'bytes=0-9' },
  ]
  for (const one of headers)
    for (const target of ['/wiki/Page_4', '/api.php?action=query&titles=Page_4']) await visitor.get(target, one)
}

const oddTargets: readonly string[] = [
  '/wiki/',
  '/wiki/page_3',
  '/wiki/Page 3'.replace(' ', '%20'),
  '/wiki/Umleitung',
  '/wiki/Umleitung?redirect=no',
  '/wiki/%C3%9Cn%C3%AFcode_%E2%98%83/sub_page',
  '/wiki/%DCn%EFcode',
  '/wiki/None_such',
  '/wiki/Special:None',
  '/wiki/Special:Search?search=page+7',
  '/wiki/Special:Search?search=words&fulltext=1&profile=all',
  '/index.php?search=Page+3&title=Special%3ASearch&go=Go',
  '/index.php?search=%22quoted%22+%26+more&fulltext=1',
  '/index.php?title=Page_3&action=raw',
  '/index.php?title=Page_3&action=history',
  '/index.php?title=Page_3&action=info',
  '/index.php?title=Page_3&action=edit&section=1',
  '/index.php?title=Page_3&oldid=3',
  '/index.php?title=Page_3&diff=prev&oldid=30',
  '/index.php?title=Page_3&printable=yes',
  '/index.php?title=Page_3&useskin=monobook',
  '/index.php?title=Page_3&useskin=timeless',
  '/index.php?title=Page_3&useskin=minerva',
  '/index.php?title=Page_3&uselang=ar',
  '/index.php?title=A%00b',
  '/index.php?title[]=x',
  '/index.php?curid=5',
  '/index.php?title=Special:RecentChanges&feed=atom&days=2000',
  '/index.php?title=Special:Export/Page_3',
  '/index.php/Page_3',
  '/wiki/Page_3/../Page_4',
  '/wiki/AC%2FDC',
  '/wiki/a&b=c',
  '/wiki/%3Cscript%3E',
  '/rest.php/v1/page/Page_3',
  '/rest.php/v1/page/Page_3/bare',
  '/rest.php/v1/page/Page_3/html',
  '/rest.php/v1/page/Page_3/history',
  '/rest.php/v1/page/None',
  '/rest.php/v1/search/title?q=Page_3&limit=3',
  '/rest.php/none',
  '/api.php?action=query&titles=Page_3|Page_4&prop=info|revisions|categories|links&format=json',
  '/api.php?action=query&list=allpages&aplimit=20&format=json&formatversion=2',
  '/api.php?action=query&list=recentchanges&format=xml',
  '/api.php?action=parse&page=Page_5&format=json&prop=text|links',
  '/api.php?action=opensearch&search=Page&limit=5',
  '/api.php?action=query&format=json&callback=call',
  '/api.php?action=none&format=json',
  '/api.php?action=query&meta=siteinfo&siprop=general|namespaces&format=json',
  '/load.php?modules=startup&only=scripts&raw=1&skin=vector',
  '/load.php?modules=jquery|mediawiki.base&skin=vector&lang=en',
  '/load.php?modules=skins.vector.styles.legacy&only=styles&skin=vector',
  '/load.php?modules=none',
  '/opensearch_desc.php',
  '/thumb.php?f=None.png&width=10',
  '/images/none.png',
  '/includes/Setup.php',
  '/wiki/Special:FilePath/None.png',
]

async function editByForm(pair: Pair): Promise<void> {
  for (const logsIn of [false, true]) {
    const visitor = pair.visitor()
    if (logsIn) await logIn(visitor)
    for (const number of [1, 2, 3, 4]) {
      const title = `${logsIn ? 'Known' : 'Unknown'}_${number}`
      await submitEdit(visitor, title, `Text ${number} “ü” ☃\r\n== Head ==\r\n[[Page ${number}]] ~~~~`, 'save')
      await submitEdit(visitor, title, `Changed & <b>more</b> ${'x'.repeat(number * 4_000)}`, 'preview')
      await submitEdit(visitor, title, `Changed & <b>more</b> ${'x'.repeat(number * 4_000)}`, 'save')
      for (const view of [`/wiki/${title}`, `/index.php?title=${title}&action=history`]) await visitor.get(view)
    }
    await visitor.get('/wiki/Special:RecentChanges')
    await visitor.post('/index.php?title=Page_3&action=submit', { wpTextbox1: 'without a token', wpSave: '1' })
  }
}

async function submitEdit(visitor: Visitor, title: string, text: string, how: 'save' | 'preview'): Promise<void> {
  const page = `/index.php?title=${title}&action=edit`
  const answers = await visitor.get(page)
  const field = (name: string) =>
    caughtEither(
      answers,
      new RegExp(`value="([^"]*)"[^>]*name="${name}"`),
      new RegExp(`name="${name}"[^>]*value="([^"]*)"`),
    )
  const [token, started, edited, parent] = [
    field('wpEditToken'),
    field('wpStarttime'),
    field('wpEdittime'),
    field('parentRevId'),
  ]
  const button = how === 'save' ? { wpSave: 'Save changes' } : { wpPreview: 'Show preview' }
  await visitor.ask((side: SideName) => ({
    method: 'POST',
    target: `/index.php?title=${title}&action=submit`,
    headers: { 'content-type': multipartType },
    body: multipartBody(
      Object.entries({
        wpTextbox1: text,
        wpSummary: 'A summary',
        wpStarttime: started[side],
        wpEdittime: edited[side],
        parentRevId: parent[side],
        wpEditToken: token[side],
        wpUnicodeCheck: 'ℳ𝒲♥𝓊𝓃𝒾𝒸ℴ𝒹ℯ',
        wpUltimateParam: '1',
        model: 'wikitext',
        format: 'text/x-wiki',
        ...button,
      }).map(([name, value]) => ({ name, value })),
    ),
  }))
}

async function callApi(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor)
  const token = await csrfToken(visitor)
  const call = (fields: FormFields, chunked = false) =>
    visitor.ask((side) => ({
      method: 'POST',
      target: '/api.php',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: encodeForm({ format: 'json', formatversion: '2', ...fields, token: token[side] }),
      chunked,
    }))
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const title = `Made by API ${number}`
    await call({ action: 'edit', title, text: `Words ${'é☃ '.repeat(number * 900)}`, summary: 'api' }, number % 2 === 0)
    await call({ action: 'edit', title, appendtext: '\n== More ==\nmore', section: 'new', sectiontitle: 'New' })
    await call({ action: 'move', from: title, to: `Moved by API ${number}`, reason: 'r', movetalk: '1' })
    await call({ action: 'protect', title: `Moved by API ${number}`, protections: 'edit=sysop', expiry: 'infinite' })
    await call({ action: 'watch', titles: `Moved by API ${number}` })
    await call({ action: 'delete', title, reason: 'gone' })
    await visitor.get(`/wiki/Moved_by_API_${number}`)
    await visitor.get(`/wiki/Made_by_API_${number}`)
  }
  await call({ action: 'purge', titles: 'Page 3|Page 4' })
  await call({ action: 'parse', text: "'''bold''' {{Box|x}}", title: 'Page 3' })
  await call({ action: 'options', change: 'skin=monobook' })
  await visitor.get('/wiki/Page_3')
  await call({ action: 'edit', title: 'Page 3', text: 'x', basetimestamp: 'nonsense' })
  await visitor.post('/api.php', { action: 'edit', title: 'Page 3', text: 'x', token: '+\\', format: 'json' })
  const rest = { source: 'By REST', title: 'Made by REST', comment: 'c' }
  await visitor.ask((side) => ({
    method: 'POST',
    target: '/rest.php/v1/page',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...rest, token: token[side] }),
  }))
  for (const page of ['/wiki/Special:Log', '/wiki/Special:RecentChanges?limit=100', '/wiki/Special:Watchlist'])
    await visitor.get(page)
}

async function upload(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor)
  const token = await csrfToken(visitor)
  const ways = [
    {},
    { chunked: true },
    { headers: { expect: '100-continue' } },
    { headers: { expect: '100-continue' }, chunked: true },
  ]
  const send = (name: string, bytes: Buffer, way: { headers?: Record<string, string>; chunked?: boolean } = {}) =>
    visitor.ask((side) => ({
      method: 'POST',
      target: '/api.php',
      headers: { 'content-type': multipartType, ...way.headers },
      chunked: way.chunked ?? false,
      body: multipartBody([
        { name: 'action', value: 'upload' },
        { name: 'format', value: 'json' },
        { name: 'filename', value: name },
        { name: 'ignorewarnings', value: '1' },
        { name: 'token', value: token[side] },
        { name: 'file', value: bytes, file: name, type: 'application/octet-stream' },
      ]),
    }))
  for (const [index, way] of ways.entries()) {
    await send(`Dot ${index}.png`, Buffer.concat([smallPng, noise(index)]), way)
    await send(`Text ${index}.txt`, Buffer.from(`Line ${index}\n`.repeat(50_000)), way)
    await visitor.get(`/wiki/File:Dot_${index}.png`)
    await visitor.get(`/wiki/Special:FilePath/Dot_${index}.png`)
  }
  await send('Page.php', Buffer.from('<?php'))
  await send('Fake.png', noise(3_000))
  await send('Large.txt', Buffer.from('a'.repeat(20_000_000)))
  const form = await hiddenField(visitor, '/wiki/Special:Upload', 'wpEditToken')
  await visitor.ask((side) => ({
    method: 'POST',
    target: '/wiki/Special:Upload',
    headers: { 'content-type': multipartType },
    body: multipartBody([
      { name: 'wpUploadFile', value: Buffer.concat([smallPng, noise(9)]), file: 'form "ü".png', type: 'image/png' },
      { name: 'wpDestFile', value: 'By form.png' },
      { name: 'wpUploadDescription', value: 'By form' },
      { name: 'wpEditToken', value: form[side] },
      { name: 'wpUpload', value: 'Upload file' },
      { name: 'title', value: 'Special:Upload' },
    ]),
  }))
  await visitor.get('/wiki/Special:ListFiles')
  const list = await visitor.get('/api.php?action=query&list=allimages&format=json')
  const file = caught(list, /"url":"http:\/\/www\.compat\.example([^"]+)"/)
  await pair.visitor().ask((side) => ({ target: file[side] }))
  await pair.visitor().ask((side) => ({ target: file[side], headers: { range: 'bytes=3-9' } }))
}
