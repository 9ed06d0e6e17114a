import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DocumentTree, openDocumentTree } from './document-tree.ts'
import { encodePath, normalPath } from './normal-path.ts'
import { resolveInternal, resolveTarget } from './resolve-target.ts'
import { type FastcgiSite, frontControllerSite, siteProblems } from './site.ts'

const folder = mkdtempSync(join(tmpdir(), 'fig-tree-'))
const root = join(folder, 'site')
let tree: DocumentTree

beforeAll(() => {
  for (const path of [
    ...['index.php', 'about.php', 'admin/index.php', 'photo.jpg', 'css/a.css', 'x.php.d/y.txt', 'caf\u00e9.php'],
    ...[
      'config.php.bak',
      'shot.php.png',
      'old.PHP',
      'index.php~',
      '.env',
      '.well-known/acme',
      'plain/readme.txt',
      'up/evil.php',
    ],
  ]) {
    write(join(root, path))
  }
  write(join(folder, 'outside', 'secret.php'))
  write(join(folder, 'shared', 'picture.png'))
  symlinkSync(join(folder, 'outside', 'secret.php'), join(root, 'linked.php'))
  symlinkSync(join(folder, 'outside'), join(root, 'linked'))
  symlinkSync(join(folder, 'shared'), join(root, 'uploads'))
  symlinkSync('about.php', join(root, 'inside.php'))
  symlinkSync('loop.php', join(root, 'loop.php'))
  tree = openDocumentTree(root, [join(folder, 'shared')])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const site: FastcgiSite = {
  index: ['index.php'],
  files: {},
  internal: [{ prefix: '/_files/', folder: '/nowhere' }],
  rules: [
    { match: /^\/up\//, only: 'files', expires: 60, otherwise: '/photo.jpg' },
    { match: /^\/old\/(\w+)\/(.*)$/, to: '/about.php?what=$1&rest=$2' },
    { match: /\/\.(?!well-known)/, status: 404 },
  ],
  rewrites: [
    { match: /^\/mods\/(\d+)$/, to: '/index.php?id=$1' },
    { match: /^\/whole\/(\d+)$/, to: '/index.php?id=$1?' },
    { match: /^\/moved$/, to: '/about.php' },
    { match: /^\/round$/, to: '/round' },
    { match: /^\/trick(.*)$/, to: '/css/$1' },
  ],
}

describe('what an address of a site stands for', () => {
  it.each([
    ['/', { name: '/index.php', query: '' }],
    ['/?a=1', { name: '/index.php', query: 'a=1' }],
    ['/index.php?a=%41&b', { name: '/index.php', query: 'a=%41&b' }],
    ['/%69ndex.php', { name: '/index.php' }],
    ['//index.php', { name: '/index.php' }],
    ['/css/../index.php', { name: '/index.php' }],
    ['/admin/', { name: '/admin/index.php' }],
    ['/mods/12?x=1', { name: '/index.php', query: 'id=12&x=1' }],
    ['/whole/12?x=1', { name: '/index.php', query: 'id=12' }],
    ['/moved?x=1', { name: '/about.php', query: 'x=1' }],
    ['/old/a/b%26c?q', { name: '/about.php', query: 'what=a&rest=b%26c&q' }],
    ['/caf%C3%A9.php', { name: '/caf\u00c3\u00a9.php' }],
    ['/inside.php', { name: '/inside.php' }],
  ])('%s runs a script', (target, script) => {
    const file = root + script.name
    expect(resolveTarget(target, site, tree)).toMatchObject({ kind: 'script', script: { ...script, file } })
  })

  it.each([
    ['/photo.jpg', '/photo.jpg', undefined],
    ['/css/a.css?v=2', '/css/a.css', undefined],
    ['/up/none.png', '/photo.jpg', 60],
    ['/uploads/picture.png', '/uploads/picture.png', undefined],
    ['/.well-known/acme', '/.well-known/acme', undefined],
    ['/x.php.d/y.txt', '/x.php.d/y.txt', undefined],
    ['/shot.php.png', '/shot.php.png', undefined],
  ])('%s is a file', (target, address, expires) => {
    expect(resolveTarget(target, site, tree)).toEqual({
      kind: 'file',
      file: { file: root + address, address, expires },
    })
  })

  it.each([
    ['a script that is not there', '/none.php', 404],
    ['path info behind a picture', '/photo.jpg/x.php', 404],
    ['path info where the site has none', '/index.php/x', 404],
    ['path info behind a script that is not there', '/none.php/x.php', 404],
    ['a NUL', '/index.php%00.jpg', 400],
    ['a way out', '/../outside/secret.php', 400],
    ['an encoded way out', '/%2e%2e/outside/secret.php', 400],
    ['a way out by an encoded slash', '/css/..%2f..%2foutside/secret.php', 400],
    ['a percent sign that encodes nothing', '/%zz', 400],
    ['a percent sign at the end', '/%', 400],
    ['a script that a link shows outside', '/linked.php', 404],
    ['a script in a folder that a link shows outside', '/linked/secret.php', 404],
    ['a link in a circle', '/loop.php', 404],
    ['a hidden file', '/.env', 404],
    ['the source of a script, in a copy', '/config.php.bak', 404],
    ["the source of a script, in an editor's copy", '/index.php~', 404],
    ['the source of a script that nothing runs', '/old.PHP', 404],
    ['a folder without index', '/plain/', 404],
    ['a name that no disk takes', `/${'x'.repeat(5_000)}`, 404],
    ['an internal folder', '/_files/a.zip', 404],
    ['an internal folder, in other words', '/x/..//_files/a.zip', 404],
    ['a rewrite that leads to itself', '/round', 500],
    ['a rewrite that puts a way out together', '/trick..%2f..%2f..%2fetc/passwd', 400],
  ])('%s is refused', (_, target, status) => {
    expect(resolveTarget(target, site, tree)).toEqual({ kind: 'refused', status })
  })

  it('runs nothing below a folder of files, and does not show its scripts', () => {
    expect(resolveTarget('/up/evil.php', site, tree)).toMatchObject({ kind: 'file', file: { address: '/photo.jpg' } })
  })

  it('redirects a folder to its slash, and keeps the query', () => {
    expect(resolveTarget('/admin?a=1', site, tree)).toEqual({ kind: 'redirect', location: '/admin/?a=1' })
    expect(resolveTarget('//admin', site, tree)).toEqual({ kind: 'redirect', location: '/admin/' })
  })

  it('has no files where none were asked for', () => {
    const { files, ...withoutFiles } = site
    expect(files).toBeDefined()
    expect(resolveTarget('/photo.jpg', withoutFiles, tree)).toEqual({ kind: 'refused', status: 404 })
  })

  it('sees a file as soon as it is there, and no longer than it is', () => {
    expect(resolveTarget('/new.php', site, tree)).toEqual({ kind: 'refused', status: 404 })
    write(join(root, 'new.php'))
    expect(resolveTarget('/new.php', site, tree)).toMatchObject({ kind: 'script' })
    rmSync(join(root, 'new.php'))
    expect(resolveTarget('/new.php', site, tree)).toEqual({ kind: 'refused', status: 404 })
  })
})

describe('a site that is one front controller', () => {
  it.each([
    ['/', '/index.php', ''],
    ['/any/where?q=1', '/index.php', ''],
    ['/photo.jpg', '/index.php', ''],
    ['/about.php', '/about.php', ''],
    ['/about.php/more/x.php', '/about.php', '/more/x.php'],
    ['/photo.jpg/x.php', '/index.php', ''],
    ['/.well-known/acme', '/index.php', ''],
  ])('runs %s by %s', (target, name, pathInfo) => {
    expect(resolveTarget(target, frontControllerSite, tree)).toMatchObject({ script: { name, pathInfo } })
  })

  it('hides hidden files', () => {
    expect(resolveTarget('/.env', frontControllerSite, tree)).toEqual({ kind: 'refused', status: 404 })
  })
})

describe('a file that a script hands out', () => {
  it('lies in an internal folder, and nowhere else', () => {
    const handing: FastcgiSite = { internal: [{ prefix: '/_files/', folder: join(folder, 'shared') }] }
    const trees = new Map([['/_files/', openDocumentTree(join(folder, 'shared'))]])
    const resolve = (redirect: string) => resolveInternal(redirect, handing, trees)
    expect(resolve('/_files/picture.png?x')).toMatchObject({ file: join(folder, 'shared', 'picture.png') })
    expect(resolve('/_files/%70icture.png')).toMatchObject({ address: '/_files/picture.png' })
    expect(resolve('/_files/none.png')).toBe('missing')
    expect(resolve('/_files/../outside/secret.php')).toBe('no-folder')
    expect(resolve('/_files/..%2f..%2fsite/index.php')).toBe('no-folder')
    expect(resolve('/index.php')).toBe('no-folder')
    expect(resolve('@named')).toBe('no-folder')
  })
})

describe('paths', () => {
  it.each([
    ['/a//b/./c/../d', '/a/b/d'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/...', '/...'],
    ['/a%2Fb', '/a/b'],
    ['/%252e', '/%2e'],
    ['/a+b%20c', '/a+b c'],
    ['/..', undefined],
    ['/a/../..', undefined],
    ['a', undefined],
    ['/%0', undefined],
  ])('%s is %s', (raw, path) => {
    expect(normalPath(raw)).toBe(path)
  })

  it('are encoded for a Location so that they stay one', () => {
    expect(encodePath('/a b/\u00e9/"<>\r\n?#%/')).toBe('/a%20b/%E9/%22%3C%3E%0D%0A%3F%23%25/')
  })
})

describe('the description of a site', () => {
  it('has no problems when it has none', () => {
    expect(siteProblems(site)).toEqual([])
    expect(siteProblems(frontControllerSite)).toEqual([])
  })

  it('is told all its problems together', () => {
    const wrong: FastcgiSite = {
      rules: [
        { match: /x/g, to: 'x' },
        { match: 'x' as unknown as RegExp, status: 404 },
        { match: /x/, only: 'files', otherwise: 'x' as '/x' },
      ],
      rewrites: [{ match: /y/y, to: '/x' }],
      internal: [{ prefix: 'x', folder: 'y' }],
      linkTargets: ['z'],
      errorPages: { 413: 'x' },
      scriptEnds: ['php'],
      variables: { HTTP_X: '1', 'a b': '2' },
    }
    expect(siteProblems(wrong)).toHaveLength(12)
  })
})

// --- internal ---

function write(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '<?php')
}
