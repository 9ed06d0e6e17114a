import { administrator, type Journey } from '../../application.ts'
import { askAgainInOtherWays, crawl } from '../../crawl.ts'
import { noise, smallPng } from '../../multipart.ts'
import { caught, type Pair, type Visitor } from '../../pair.ts'

const leaveOut = /do=(?:log(?:in|out)|register|resendpwd)|sectok=|taskrunner\.php|page=logviewer/

export const dokuwikiJourneys: readonly Journey[] = [
  {
    name: 'crawl as visitor',
    walk: async (pair) => {
      const visited = await crawl(pair.visitor(), { start: ['/', '/feed.php'], depthMax: 3, pagesMax: 220, leaveOut })
      await askAgainInOtherWays(
        pair.visitor(),
        visited.filter((_, index) => index % 4 === 0),
      )
    },
  },
  {
    name: 'crawl as administrator',
    walk: async (pair) => {
      const visitor = pair.visitor()
      await logIn(visitor, administrator.password)
      await crawl(visitor, { start: ['/start?do=admin', '/start'], depthMax: 2, pagesMax: 120, leaveOut })
    },
  },
  { name: 'log in, edit, search, upload', walk: useIt },
]

// --- internal ---

async function logIn(visitor: Visitor, password: string): Promise<void> {
  const token = caught(await visitor.get('/start?do=login'), /name="sectok" value="([0-9a-f]*)"/)
  const form = { do: 'login', id: 'start', u: administrator.user, p: password, r: '1' }
  await visitor.post('/start?do=login', (side) => ({ ...form, sectok: token[side] }))
}

async function useIt(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor, 'wrong')
  await logIn(visitor, administrator.password)
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const page = `/made:page${number}`
    const editor = await visitor.get(`${page}?do=edit`)
    const token = caught(editor, /name="sectok" value="([0-9a-f]+)"/)
    const form = {
      id: `made:page${number}`,
      rev: '0',
      prefix: '.',
      suffix: '',
      wikitext: `Text ${number} “ü” ☃\r\n${'x '.repeat(number * 3_000)}`,
    }
    const changes = { date: '', changecheck: '', target: 'section', summary: 'A summary' }
    await visitor.post(page, (side) => ({ ...form, ...changes, sectok: token[side], 'do[preview]': '1' }))
    await visitor.post(page, (side) => ({ ...form, ...changes, sectok: token[side], 'do[save]': '1' }))
    for (const view of ['', '?do=revisions', '?do=export_raw', '?do=export_xhtml', '?do=backlink'])
      await visitor.get(page + view)
  }
  for (const target of [
    '/start?do=search&q=number',
    '/start?do=search&q=caf%C3%A9',
    '/start?do=recent',
    '/start?do=index',
    '/start?do=media',
    '/none',
    '/made:',
    '/lib/exe/fetch.php?media=none.png',
    '/page3?rev=1',
    '/%FF',
    '/_export/raw/page3',
  ]) {
    await visitor.get(target)
    await visitor.ask({ method: 'HEAD', target })
  }
  await upload(visitor)
  const call = '<?xml version="1.0"?><methodCall><methodName>wiki.getAllPages</methodName></methodCall>'
  await visitor.ask({
    method: 'POST',
    target: '/lib/exe/xmlrpc.php',
    headers: { 'content-type': 'text/xml' },
    body: call,
  })
  await visitor.post('/lib/exe/ajax.php', { call: 'qsearch', q: 'page' })
  await visitor.post('/lib/exe/ajax.php', { call: 'none' })
  const token = caught(await visitor.get('/start'), /do=logout&amp;sectok=([0-9a-f]{32})/)
  await visitor.ask((side) => ({ target: `/start?do=logout&sectok=${token[side]}` }))
  await visitor.get('/start')
}

async function upload(visitor: Visitor): Promise<void> {
  const token = caught(await visitor.get('/start?do=media'), /name="sectok" value="([0-9a-f]+)"/)
  const ways = [{}, { chunked: true }, { expects: true }, { chunked: true, expects: true }]
  for (const [index, { chunked = false, expects = false }] of ways.entries()) {
    for (const [name, bytes] of [
      ['dot.png', smallPng],
      ['large.zip', noise(900_000)],
    ] as const) {
      await visitor.ask((side) => ({
        method: 'POST',
        target: `/lib/exe/ajax.php?call=mediaupload&ns=made&sectok=${token[side]}&qqfile=${index}-${name}`,
        headers: { 'content-type': 'application/octet-stream', ...(expects ? { expect: '100-continue' } : {}) },
        chunked,
        body: bytes,
      }))
      await visitor.get(`/_media/made:${index}-${name}`)
      await visitor.get(`/_media/made:${index}-${name}`, { range: 'bytes=5-24' })
    }
  }
}
