/**
 * What legacy-fixtures/conf/nginx.conf.template says about the site, said to Fig: with it Fig serves the site from php-fpm
 * directly, and no visitor can tell.
 */
import { defineFastcgiSite } from '../src/index.ts'

const notFound = '/index.php?page=404'
const pages =
  'login|logout|register|password|dashboard|upload|edit|hide|contact|admin|comment|search|news|games|profile|rules'

export default defineFastcgiSite({
  serverName: '_',
  bodyBytesMax: 300 * 1024 * 1024,
  files: {
    types: {
      ...{ html: 'text/html', htm: 'text/html', css: 'text/css', txt: 'text/plain', xml: 'text/xml' },
      ...{ png: 'image/png', gif: 'image/gif', jpg: 'image/jpeg', jpeg: 'image/jpeg', svg: 'image/svg+xml' },
      ...{ ico: 'image/x-icon', js: 'application/x-javascript', zip: 'application/zip' },
    },
  },
  errorPages: { 413: '/413.html' },
  internal: [{ prefix: '/_storage/', folder: process.env.MV_STORAGE ?? '/nonexistent' }],
  rules: [
    // a game without a picture of its own
    { match: /^\/img\/games\//, only: 'files', expires: 'max', otherwise: '/img/games/default.png' },
    { match: /^\/img\/avatars\//, only: 'files', expires: 'max', otherwise: '/img/avatars/default.png' },
    // include files and command line scripts are not for visitors
    { match: /^\/(?:inc|pages|cli|test)(?:\/|$)/, to: notFound },
    { match: /\/\./, to: notFound },
    { match: /^\/$/, to: '/index.php' },
    // css, js and img carry ?v=..., so they may be kept for ever
    { match: /^\/(?:css|js|img)\//, only: 'files', expires: 'max' },
  ],
  // the rewritten URLs of 2010
  rewrites: [
    { match: new RegExp(`^/(${pages})/?$`), to: '/index.php?page=$1' },
    { match: /^\/users\/([0-9]+)\/?$/, to: '/index.php?page=profile&id=$1' },
    { match: /^\/rss\.xml$/, to: '/rss.php' },
    { match: /^\/sitemap\.xml$/, to: '/sitemap.php' },
    { match: /^\/download\/([0-9]+)\/?$/, to: '/download.php?id=$1' },
    { match: /^\/api\/v1(?:\/.*)?$/, to: '/api/v1/index.php' },
    { match: /^\/([a-z0-9]+)\/mods\/([0-9]+)\/?$/, to: '/index.php?page=mod&game=$1&id=$2' },
    { match: /^\/([a-z0-9]+)\/?$/, to: '/index.php?page=game&game=$1' },
    { match: /^/, to: notFound },
  ],
})
