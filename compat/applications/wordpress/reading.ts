import type { Journey } from '../../application.ts'
import { askAgainInOtherWays, crawl } from '../../crawl.ts'
import type { Pair } from '../../pair.ts'
import { logIn } from './visits.ts'

/** What changes something, works in the background where the copies part, ends the session, or tells the two copies apart by name (a report on the server). */
const leaveOut = /_wpnonce=|action=logout|site-health\.php|update-core|customize\.php|wp-cron\.php/
const starts = ['/', '/wp-json/', '/feed/', '/wp-sitemap.xml', '/?s=lorem', '/robots.txt', '/wp-login.php', '/2024/']

export const readingJourneys: readonly Journey[] = [
  {
    name: 'crawl as visitor',
    walk: (pair) => crawlAsVisitor(pair, 700, 120),
  },
  {
    name: 'crawl as administrator',
    walk: async (pair) => {
      const visitor = pair.visitor()
      await logIn(visitor)
      await crawl(visitor, { start: ['/wp-admin/', '/'], depthMax: 3, pagesMax: 400, leaveOut })
    },
  },
  { name: 'search, redirects and what is not there', walk: askOddThings },
]

export async function crawlAsVisitor(
  pair: Pair,
  pagesMax: number,
  askedAgainMax: number,
  scheme: 'http' | 'https' = 'http',
): Promise<void> {
  const visited = await crawl(pair.visitor(), { start: starts, depthMax: 5, pagesMax, leaveOut, scheme })
  const everyFourth = visited.filter((_, index) => index % 4 === 0)
  await askAgainInOtherWays(pair.visitor(), everyFourth.slice(0, askedAgainMax))
}

export async function askOddThings(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  for (const target of oddTargets) await visitor.get(target)
  for (const target of oddTargets.slice(0, 12)) await visitor.ask({ method: 'HEAD', target })
  for (const method of ['OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
    await visitor.ask({ method, target: '/' })
    await visitor.ask({ method, target: '/wp-json/wp/v2/posts/1' })
    await visitor.ask({ method, target: '/wp-includes/css/dashicons.min.css' })
  }
  for (const headers of oddHeaders) {
    await visitor.get('/', headers)
    await visitor.get('/wp-json/wp/v2/posts?per_page=2', headers)
  }
}

// --- internal ---

const oddTargets: readonly string[] = [
  '/?s=',
  '/?s=caf%C3%A9+%26+%22quotes%22',
  '/?s=%e4%f6%fc',
  '/?s=a%00b',
  '/?s=%zz',
  '/?s[]=array',
  '/?p=1',
  '/?p=999999',
  '/?p=1&p=2',
  '/?page_id=2',
  '/?cat=2&paged=2',
  '/?author=1',
  '/?author=2',
  '/?m=202403',
  '/?feed=rss2',
  '/?feed=atom&p=1',
  '/?attachment_id=5',
  '/post-3/',
  '/2024/04/post-3',
  '/2024/04/post-3//',
  '/2024/04/POST-3/',
  '/2024/04/post-7/2/',
  '/2024/08/post-7/2/',
  '/2024/13/',
  '/2024/02/30/',
  '/category/trees',
  '/category/st%C3%A4dte-d%C3%B6rfer/',
  '/category/st%c3%a4dte-d%c3%b6rfer/',
  '/tag/common/page/2',
  '/tag/common/page/99/',
  '/author/author/feed/',
  '/admin',
  '/login',
  '/dashboard/',
  '/wp-admin',
  '/wp-admin/edit.php?post_type=page',
  '/wp-content/uploads/2024/03/',
  '/wp-content/uploads/2024/03/picture-1.jpg',
  '/wp-content/uploads/2024/03/picture-1.jpg/x',
  '/wp-content/uploads/2024/03/%70icture-1.jpg',
  '/wp-content//uploads/./2024/03/picture-1.jpg',
  '/wp-content/uploads/none.jpg',
  '/index.php',
  '/index.php/2024/04/post-3/',
  '/index.php?p=3',
  '/xmlrpc.php',
  '/wp-trackback.php?p=1',
  '/wp-login.php?action=lostpassword',
  '/wp-login.php?action=register',
  '/wp-login.php?action=postpass',
  '/wp-login.php?redirect_to=http%3A%2F%2Felsewhere.example%2F',
  '/wp-json',
  '/wp-json/wp/v2/posts?per_page=1&page=999',
  '/wp-json/wp/v2/posts?_embed&per_page=3',
  '/wp-json/wp/v2/posts?_jsonp=call',
  '/wp-json/wp/v2/users',
  '/wp-json/wp/v2/users/me',
  '/wp-json/wp/v2/settings',
  '/wp-json/wp/v2/search?search=lorem',
  '/wp-json/none/v9',
  '/?rest_route=/wp/v2/categories',
  '/wp-admin/admin-ajax.php',
  '/wp-admin/admin-ajax.php?action=none',
  '/wp-admin/load-styles.php?c=1&load[]=dashicons,admin-bar',
  '/wp-admin/load-scripts.php?c=1&load[]=jquery-core,utils',
  '/wp-admin/load-scripts.php?c=0&load[chunk_0]=jquery-core,jquery-migrate,utils',
  '/%E2%98%83/',
  '/%2e%2e%2f',
  '/a%2Fb',
  '/a%2520b/',
  '/a;b=c/?d;e',
  '/~user/',
  '/a|b/"c"/',
  "/it's/(a)/*!$,+=@:/",
  '/?a=b?c=d&e#f'.split('#')[0] ?? '/',
  `/?s=${'long'.repeat(1_000)}`,
  `/${'deep/'.repeat(120)}`,
]

const oddHeaders: readonly Readonly<Record<string, string>>[] = [
  { 'accept-encoding': 'identity' },
  { 'accept-encoding': 'br, gzip;q=0.5, *;q=0' },
  { 'accept-encoding': 'gzip;q=0' },
  { 'accept-language': 'de-CH, de;q=0.9, *;q=0.5', dnt: '1' },
  { 'user-agent': '' },
  { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Mobile' },
  { referer: 'http://elsewhere.example/?a=b', origin: 'http://elsewhere.example' },
  { cookie: 'a=1; b="quoted; value"; =nameless; wordpress_test_cookie=x; c' },
  { cookie: `big=${'x'.repeat(6_000)}` },
  { 'x-requested-with': 'XMLHttpRequest', accept: 'application/json' },
  { 'x-http-method-override': 'OPTIONS' },
  { 'cache-control': 'no-cache', pragma: 'no-cache' },
  { 'if-none-match': '*' },
  { 'if-modified-since': 'nonsense' },
  { range: 'bytes=0-99' },
  { range: 'bytes=9-1' },
  { authorization: 'Basic YWRtaW46d3Jvbmc=' },
  { 'x-wp-nonce': '0000000000' },
  { connection: 'close' },
  { te: 'trailers' },
]
