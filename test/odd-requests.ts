/** Requests that no link of the site leads to, and that the web sends all the same. */
import { multipart, urlencoded } from './multipart.ts'
import type { PairedRequest } from './paired-sites.ts'

const mod = '/skyrim/mods/12'
const form = { 'content-type': 'application/x-www-form-urlencoded' }

const methods = ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'PURGE', 'get', 'POST', 'QUERY'].flatMap(
  (method) =>
    ['/', '/css/style.css', mod, '/ajax.php', '/api/v1/games.json', '/nothing/here', '/robots.txt'].map((target) => ({
      method,
      target,
    })),
)

const paths = [
  ...[
    '/inc/db.php',
    '/pages/mod.php',
    '/cli/cron.php',
    '/.git/config',
    '/_storage/files/x',
    '/css',
    '/css/',
    '/img/none.png',
  ],
  ...['/SKYRIM', '/skyrim/', `${mod}/`, '/skyrim/mods/%31%32', '/skyrim%2Fmods%2F12', '//skyrim', '//', '/./skyrim'],
  ...['/a/../skyrim', '/%2e%2e/etc', '/../etc', '/%', '/%zz', '/%00', '/%C3%A9', `${mod};x=1`, `${mod}\\`, '/a%0ab'],
  ...[
    '/a%20b',
    '/"<>|^`{}',
    '/skyrim/mods/00012',
    '/skyrim/mods/99999999999999999999',
    `${mod}/../13`,
    '/skyrim//mods/12',
  ],
  ...[
    '/oblivion/mods/12',
    '/nosuchgame/mods/12',
    '/skyrim/mods/13',
    '/index.php/x',
    '/index.php',
    '/413.html',
    '/50x.html',
  ],
  ...[
    '/users/0',
    '/users/999999',
    '/news?id=99999',
    '/download/99999',
    '/image.php',
    '/image.php?id=999999',
    '/favicon.ico',
  ],
  ...[
    '/download.php?id=1&user=0&expires=1&sig=x',
    '/sitemap.xml?part=99',
    '/rss.xml?game=none',
    '/comment',
    '/api',
    '/robots.txt',
  ],
]

const redirects = [
  ...['/mods.php', '/mods.php?id=1', '/mods.php?mod=1', '/mods.php?file=1', '/mods.php?game=skyrim', '/mods.php?cat=2'],
  ...[
    '/mods.php?view=12',
    '/mods.php?id=99999',
    '/mods.php?game=a%0d%0aX:1',
    '/login?return=//evil',
    '/logout',
    '/hide?id=1',
  ],
]

const queries = [
  ...[
    '/?',
    '/?&&&=&',
    '/index.php?',
    '/index.php?page=mod',
    '/index.php?page[]=mod&id=12',
    '/index.php?page=mod&id[]=12',
  ],
  ...[
    '/index.php?page=mod&id=12abc',
    '/index.php?page=mod&id=%31%32',
    '/index.php?page=MOD&id=12',
    '/index.php?page=mod;id=12',
  ],
  ...[
    '/index.php?page=../inc/db',
    '/index.php?page=mod%00&id=12',
    '/index.php?page=mod&amp;id=12',
    '/index.php?PAGE=mod&id=12',
  ],
  ...['/index.php?page=mod&id=12&page=home', '/index.php?page=home&page=mod&id=12', '/index.php?page=mod&id=%zz'],
  ...[
    '/index.php?page=stats',
    '/stats.php',
    '/rules',
    '/search?q=%E9',
    '/search?q=+',
    '/search?q[]=a',
    '/search?q=a%00b',
    '/search?q=\xe9',
    '/caf\xc3\xa9',
  ],
  ...['/search?q=the', '/search?q=%F0%9F%90%89', '/search?q=%22%3E%3Cscript%3E', `/search?q=${'x'.repeat(7000)}`],
  ...[
    '/rss.xml?feed=updated',
    '/rss.xml?feed=news',
    '/skyrim?p=99999999999999999999',
    '/skyrim?sort=none&cat=-1',
    `${mod}?cp=2`,
  ],
]

const codings = ['gzip', 'gzip;q=0', 'identity', 'br', '*', 'deflate', 'GZIP', 'gzip, deflate, br, zstd'].flatMap(
  (coding) =>
    ['/', '/rules', '/stats.php', '/css/style.css'].map((target) => ({
      target,
      headers: { 'accept-encoding': coding },
    })),
)

const headers = [
  { cookie: 'PHPSESSID=a.b' }, // warnings on top of the page, and all of its own headers are lost
  { cookie: 'PHPSESSID[]=x' },
  { cookie: 'PHPSESSID=' },
  { cookie: 'PHPSESSID=oneThatWasNever' },
  { cookie: `a=${'x'.repeat(6000)}` },
  { cookie: 'MVREMEMBER=nonsense' },
  { cookie: 'MVSORT=name; MVSORT=downloads; odd' },
  { 'x-forwarded-host': 'other.example' },
  { forwarded: 'for=192.0.2.1;proto=https;host=other.example' },
  { expect: '100-continue' },
  { connection: 'close' },
  { connection: 'keep-alive, x-own', 'x-own': '1' },
  { te: 'trailers' },
  { range: 'bytes=0-9' },
  { 'if-none-match': '*' },
  { 'x-http-method-override': 'DELETE' },
  { authorization: 'Basic bm9ib2R5Om5vdGhpbmc=' },
  { host: 'WWW.ModVault.Example:81' },
  { host: '127.0.0.1' },
  { host: '[::1]:80' },
].flatMap((sent) => ['/', '/skyrim', mod].map((target) => ({ target, headers: sent })))

const bodies: readonly PairedRequest[] = [
  { method: 'POST', target: '/ajax.php', ...urlencoded({ action: 'check_name', name: 'Dovah' }) },
  { method: 'POST', target: '/ajax.php', ...urlencoded({ action: 'endorse', mod_id: '12' }) },
  { method: 'POST', target: '/ajax.php', ...urlencoded({ action: 'none' }) },
  { method: 'POST', target: '/ajax.php', body: '', headers: form },
  { method: 'POST', target: '/ajax.php' },
  {
    method: 'POST',
    target: '/ajax.php',
    body: '{"action":"suggest"}',
    headers: { 'content-type': 'application/json' },
  },
  { method: 'POST', target: '/ajax.php?action=endorse', body: 'mod_id=12', headers: form },
  {
    method: 'POST',
    target: '/ajax.php',
    ...multipart([
      ['action', 'suggest'],
      ['term', 'dra'],
    ]),
  },
  {
    method: 'POST',
    target: '/ajax.php',
    body: '--B\r\nbroken',
    headers: { 'content-type': 'multipart/form-data; boundary=B' },
  },
  { method: 'POST', target: '/ajax.php', body: 'x', headers: { 'content-type': 'multipart/form-data' } },
  {
    method: 'POST',
    target: '/ajax.php',
    body: 'action=suggest&term=dra',
    headers: { ...form, 'transfer-encoding': 'chunked' },
  },
  {
    method: 'POST',
    target: '/ajax.php',
    body: 'action=suggest&term=dra',
    headers: { ...form, expect: '100-continue' },
  },
  { method: 'POST', target: '/css/style.css', body: 'x=1', headers: form },
  { method: 'POST', target: '/nothing/here', body: 'x=1', headers: form },
  { method: 'GET', target: '/skyrim', body: 'x=1', headers: { ...form, 'content-length': '3' } },
  // Over nginx's limit; the connection can't be used again, as the body is never sent.
  {
    method: 'POST',
    target: '/upload',
    body: 'x',
    headers: { ...form, 'content-length': '400000000', connection: 'close' },
  },
]

export const oddRequests: readonly PairedRequest[] = [
  ...methods,
  ...[...paths, ...redirects, ...queries].map((target) => ({ target })),
  ...codings,
  ...headers,
  ...bodies,
]

/**
 * What Fig answers by itself, whatever the site would say: it can be read in two ways (design.md section 5, E2), or Node's parser,
 * which is strict on purpose, does not let it in.
 */
export const refusedRequests: readonly (PairedRequest & { readonly why: string; readonly status: number })[] = [
  { target: '/index.php?page=mod&id=12#part', status: 400, why: 'nginx cuts the target at #, others do not' },
  { target: 'http://other.example/', status: 400, why: 'the target names another host than the Host header' },
  { target: '/', headers: { host: 'a b' }, status: 400, why: 'that is no host' },
  { method: 'TRACE', target: '/', status: 405, why: 'its echo shows scripts what browsers hide from them' },
  { method: 'OPTIONS', target: '*', status: 204, why: 'that asks about the server that is asked, which is Fig' },
]
