import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ForeignSite, hasPhp, startForeignSite } from '../src/cli/testing/foreign-site.ts'
import { run, runToSuccess } from './package/commands.ts'
import { serveSite } from './package/served-site.ts'

/** A shop that has nothing to do with Fig. PHP names itself in X-Powered-By: that tells who answered. */
const shop = `<?php
header('X-Powered-By: PHP');
$products = [7 => ['Lamp', 1999], 8 => ['Chair & table', 14950]];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (preg_match('#^/products/(\\d+)$#', $path, $found)) {
  [$name, $cents] = $products[(int) $found[1]] ?? [null, 0];
  if ($name === null) {
    http_response_code(404);
    echo "<h1>No such product</h1>\\n";
    exit;
  }
  header('Cache-Control: max-age=60');
  printf("<h1>%s</h1>\\n<p>%.2f EUR</p>\\n", htmlspecialchars($name), $cents / 100);
  exit;
}
echo "<h1>The shop</h1>\\n<ul>\\n";
foreach ($products as $id => [$name]) {
  printf("<li><a href=\\"/products/%d\\">%s</a></li>\\n", $id, htmlspecialchars($name));
}
echo "</ul>\\n";
`

const handler = `import type { ModernHandler } from 'fig-proxy'

const products = new Map([
  ['7', { name: 'Lamp', cents: 1999 }],
  ['8', { name: 'Chair &amp; table', cents: 14950 }],
])

export const getProductsId: ModernHandler<{ readonly id: string }> = (c) => {
  const product = products.get(c.env.fig.params.id)
  if (product === undefined) return c.html('<h1>No such product</h1>\\n', 404)
  c.header('Cache-Control', 'max-age=60')
  return c.html(\`<h1>\${product.name}</h1>\\n<p>\${(product.cents / 100).toFixed(2)} EUR</p>\\n\`)
}
`

const repository = join(import.meta.dirname, '..')
const tarballBytesMax = 600_000
const minuteMs = 60_000
const patience = { timeout: 10_000, interval: 20 }

/** The steps of somebody who has the tarball, a PHP site, and an afternoon. Each goes on where the one before ended. */
describe.skipIf(!hasPhp())('the package, installed elsewhere', { timeout: 2 * minuteMs }, () => {
  let temporary: string
  let project: string
  let site: ForeignSite
  const startedAt = processorSeconds()

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'fig-package-'))
    project = join(temporary, 'shop')
    await mkdir(project)
    site = await startForeignSite(shop, {})
  }, minuteMs)
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]()
    await rm(temporary, { recursive: true, force: true })
  })

  const fig = (...args: readonly string[]) => run(project, join(project, 'node_modules', '.bin', 'fig'), ...args)
  const tsc = () => runToSuccess(project, join(repository, 'node_modules', '.bin', 'tsc'))
  const npm = (...args: readonly string[]) => runToSuccess(project, 'npm', ...args)

  it('is a small tarball of JavaScript and declarations, without tests and without a site', async () => {
    const args = ['pack', '--json', '--silent', '--pack-destination', temporary]
    const printed = await runToSuccess(repository, 'npm', ...args)
    const [packed] = Object.values(JSON.parse(printed.slice(printed.search(/^[[{]/m))) as readonly Packed[])
    const names = packed?.files.map(({ path }) => path) ?? []
    expect(names).toEqual(
      expect.arrayContaining(['bin/fig.mjs', 'dist/index.js', 'dist/index.d.ts', 'dist/testing.d.ts']),
    )
    expect(names.filter((name) => /\.test\.|(?<!\.d)\.ts$|\/testing\/|\/modern\/|fixtures|bench/.test(name))).toEqual(
      [],
    )
    expect(packed?.size).toBeLessThan(tarballBytesMax)
  })

  it('installs into an empty folder, with a command that runs', async () => {
    // Without the Node and the tsc that this machine has already: 250 MB.
    const options = ['--prefer-offline', '--omit=optional', '--no-audit', '--no-fund']
    await npm('install', ...options, join(temporary, 'fig-proxy-0.1.0.tgz'))
    expect((await fig('--version')).stdout).toMatch(/^fig\/0\.1\.0 /)
  })

  it('writes a project, but none in front of a site that is not there', async () => {
    const refused = await fig('init', '--legacy', 'http://127.0.0.1:1', '--yes')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing listens there') })
    const written = await fig('init', '--legacy', site.url, '--yes', '--json')
    expect(JSON.parse(written.stdout)).toMatchObject({ ok: true, checks: [{ what: 'legacy', ok: true }] })
    expect((await stat(join(project, '.env'))).mode & 0o777).toBe(0o600)
    await npm('install', '--prefer-offline', '--omit=optional', '--no-audit', '--no-fund')
    await tsc()
  })

  it('scaffolds an endpoint whose comparison fails until the handler is written', async () => {
    expect(await fig('new', 'GET /products/:id', '--example', '/products/7')).toMatchObject({ code: 0, stderr: '' })
    const unwritten = await run(project, 'npm', 'test')
    expect(unwritten.code).not.toBe(0)
    expect(unwritten.stdout).toContain("PHP answered in the handler's place")
  })

  it('checks the types of a handler, and then compares it with PHP', async () => {
    const file = join(project, 'handlers', 'products-id.ts')
    await writeFile(file, handler.replace('params.id', 'params.name'))
    expect((await run(project, join(repository, 'node_modules', '.bin', 'tsc'))).stdout).toContain(
      "Property 'name' does not exist on type",
    )
    await writeFile(file, handler.replace('toFixed(2)', 'toFixed(1)'))
    expect((await run(project, 'npm', 'test')).stdout).toContain('line 2: PHP says "<p>19.99 EUR</p>"')
    await writeFile(file, handler)
    const test = join(project, 'test', 'products-id.test.ts')
    const more = (await readFile(test, 'utf8')).replace("['GET", "['GET /products/8', 'GET /products/9', 'GET")
    await writeFile(test, more)
    await tsc()
    expect(await npm('test')).toContain('pass 5')
  })

  it('serves: a flag moves the endpoint to the handler and back, and PHP has all the rest', async () => {
    await using served = await serveSite(project)
    const product = '<h1>Lamp</h1>\n<p>19.99 EUR</p>\n'
    const flip = (flag: boolean) => writeFile(join(project, 'flags.json'), JSON.stringify({ 'products-id': flag }))
    expect(await ask(served.url, '/products/7')).toEqual({ side: 'PHP', body: product })
    await flip(true)
    await expect.poll(() => ask(served.url, '/products/7'), patience).toEqual({ side: 'handler', body: product })
    expect(await ask(served.url, '/')).toMatchObject({ side: 'PHP', body: expect.stringContaining('The shop') })
    await flip(false)
    await expect.poll(() => ask(served.url, '/products/7'), patience).toEqual({ side: 'PHP', body: product })
    expect(await served.stop()).toBe(0)
  })

  it('takes less than a minute of the machine for all of that', () => {
    expect((processorSeconds() - startedAt) * 1_000).toBeLessThan(minuteMs)
  })
})

// --- internal ---

/** Of all that was run and has ended: the clock on the wall also counts what else runs on the machine. */
function processorSeconds(): number {
  if (process.platform !== 'linux') return performance.now() / 1_000
  // After the name in parentheses: fields 16 and 17 of proc(5), in hundredths of a second.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

interface Packed {
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

async function ask(origin: string, path: string): Promise<{ readonly side: 'PHP' | 'handler'; readonly body: string }> {
  const response = await fetch(new URL(path, origin))
  const side = response.headers.get('x-powered-by')?.startsWith('PHP') === true ? 'PHP' : 'handler'
  return { side, body: await response.text() }
}
