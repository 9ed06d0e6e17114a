import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fig, figJson } from './testing/run-in-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'fig-routes-'))
const env = { FIG_ROUTES: 'routes.mjs' }

beforeAll(() => {
  write(
    'routes.mjs',
    `const modern = () => new Response()
     export default { routes: [
       { id: 'product', flag: 'shop', modern, reads: ['products'], match: ['GET /products/:id(\\\\d+)', { path: '/index.php', query: { page: 'product', id: ':id' } }] },
       { id: 'any-product', flag: 'shop', modern, match: '/products/:name' },
       { id: 'add', flag: 'cart', modern, stage: 'modern', writes: ['cart'], match: { path: '/ajax.php', form: { action: 'add' }, host: 'shop.example' } },
       { id: 'api', flag: 'api', modern, match: { method: 'PUT', path: '/api/*', json: { '/kind': 'cart' }, header: { 'X-Version': /^2/ } } },
     ] }`,
  )
  write(
    'broken.mjs',
    `export default { routes: [
       { id: 'a', flag: 'f', modern: () => 0, match: 'GET /a' }, { id: 'a', flag: 'f', match: 'GET /a?x' },
       { id: 'b', flag: 'g', modern: () => 0, match: '/b', stage: 'later' },
     ] }`,
  )
  write('empty.mjs', 'export default { routes: [] }')
  write('nothing.mjs', '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('fig routes list', () => {
  it('shows every pattern of every route with its group, stage and tables', async () => {
    const { stdout, code } = await run('list')
    expect(code).toBe(0)
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^ID +GROUP +STAGE +PATTERN +READS +WRITES$/),
      expect.stringMatching(/^product +shop +canary +GET \/products\/:id\(\\d\+\) +products +-$/),
      expect.stringMatching(/^ {10,}GET \/index\.php query\.page=product query\.id=:id$/),
    ])
    const { routes } = await figJson(['routes', 'list'], env, folder)
    expect(routes).toContainEqual({
      ...{ id: 'add', group: 'cart', stage: 'modern', default: 'modern', reads: [], writes: ['cart'] },
      patterns: ['POST shop.example/ajax.php form.action=add'],
    })
  })

  it('says that an empty table leaves everything to PHP', async () => {
    expect(await fig(['routes', 'list', '--routes', 'empty.mjs'], env, folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('everything goes to PHP'),
    })
  })
})

describe('fig routes check', () => {
  it('names every problem with its fix and ends with 1', async () => {
    const { stdout, code } = await run('check', '--routes', 'broken.mjs')
    expect(code).toBe(1)
    expect(stdout).toContain("route 'a': 2 routes have this id\n    fix: give each route an id of its own")
    expect(stdout).toContain("route 'b': stage 'later' is none\n    fix: ")
    const { problems, ok } = await figJson(['routes', 'check', '--routes', 'broken.mjs'], env, folder)
    expect(ok).toBe(false)
    expect((problems as readonly object[]).length).toBeGreaterThan(2)
  })

  it('ends with 0 where there is none', async () => {
    expect(await run('check')).toMatchObject({ code: 0, stdout: expect.stringContaining('4 routes, no problem') })
  })

  it.each([
    ['absent.mjs', /absent\.mjs can't be loaded/],
    ['nothing.mjs', /nothing\.mjs has no default export; write: export default defineRoutes/],
  ])('says that %s is no table', async (file, message) => {
    expect(await run('check', '--routes', file)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
    expect(await fig(['routes', 'list'], {}, folder)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no route table is given; give --routes/),
    })
  })
})

describe('fig routes test', () => {
  it.each([
    [['GET /products/7'], 'product', { id: '7' }],
    [['get', '/products/7?x=1'], 'product', { id: '7' }],
    [['https://shop.example/products/lamp#top'], 'any-product', { name: 'lamp' }],
    [['/index.php?page=product&id=a%20b'], 'product', { id: 'a b' }],
    [['http://shop.example/ajax.php', '--form', 'action=add', '--form', 'note=a=b&c'], 'add', {}],
    [['/ajax.php', '--form', 'action=add', '--header', 'Host: shop.example'], 'add', {}],
    [['PUT /api/x/y', '--json-body', '{"kind":"cart"}', '--header', 'x-version: 2.1'], 'api', { '*': 'x/y' }],
  ] as const)('finds the route of %j', async (args, route, params) => {
    expect(await figJson(['routes', 'test', ...args], env, folder)).toMatchObject({ exit: 0, route, params })
  })

  it('says which route would take it else', async () => {
    expect((await run('test', '/products/7')).stdout).toMatch(/behind it +any-product/)
  })

  it.each([
    [['POST /products/7'], 'product', ['the method is POST, not GET']],
    [['GET /products/7/'], 'product', ['the path ends with a slash']],
    [['GET /PRODUCTS/7'], 'product', ['the path has capitals']],
    [['/index.php?page=cart&id=7'], 'product', ['query page is not product']],
    [['/ajax.php', '--form', 'action=ad'], 'add', ['the host is not given', 'form action is not add']],
    [['PUT /api/x', '--json-body', '{"kind":1}'], 'api', ['header X-Version is not', 'json /kind is not cart']],
  ] as const)('names what keeps %j from a route', async (args, routeId, because) => {
    const { near, exit } = await figJson(['routes', 'test', ...args], env, folder)
    expect(exit).toBe(1)
    const [first] = near as readonly { routeId: string; because: readonly string[] }[]
    expect(first).toMatchObject({ routeId, because: because.map((part) => expect.stringContaining(part)) })
  })

  it('says what no table can match', async () => {
    expect((await run('test', '/products%2f7')).stdout).toMatch(/No route can match.*encoded-slash/)
    expect((await run('test', '/other')).stdout).toBe('No route matches: PHP answers.\n')
  })

  it.each([
    [['test'], /the request is missing/],
    [['test', 'GET', '/a', 'b'], /is no request/],
    [['test', 'products'], /"products" is no path and no URL/],
    [['test', '/a', '--header', 'x'], /write --header 'Name: value'/],
    [['test', '/a', '--cookie', 'x'], /write --cookie name=value/],
    [['test', '/a', '--json-body', '{'], /--json-body is no JSON/],
    [['test', '/a', '--json-body', '{}', '--form', 'a=b'], /either a form or JSON/],
    [['chekc'], /give list, check or test/],
    [['list', 'x'], /one word too many/],
  ])('answers %j with what is wrong', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  })
})

// --- internal ---

function run(...args: readonly string[]) {
  return fig(['routes', ...args], env, folder)
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}
