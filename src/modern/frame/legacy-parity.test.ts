import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderBbcode } from './bbcode.ts'
import { escapeHtml, escapeLines, formatCount, formatDate, formatSize, paginate, urlEncode } from './html.ts'
import { repairText } from './repair-text.ts'

/**
 * Differential tests: the legacy functions themselves, run by PHP, say what is right. Inputs are drawn from a printed seed.
 */
const inc = resolve(import.meta.dirname, '../../../legacy-fixtures/site/inc')

/** Calls a legacy function once per argument list, in one PHP process. */
function callLegacy(name: string, calls: readonly (readonly unknown[])[]): readonly string[] {
  const script = `
    require '${inc}/functions.php'; require '${inc}/bbcode.php';
    foreach (json_decode(stream_get_contents(STDIN), true) as $arguments) {
      $out[] = base64_encode((string) call_user_func_array('${name}', $arguments));
    }
    echo json_encode($out);`
  const output = execFileSync('php', ['-d', 'display_errors=stderr', '-r', script], {
    input: JSON.stringify(calls),
    maxBuffer: 256 * 1024 * 1024,
  })
  return (JSON.parse(output.toString()) as string[]).map((text) => Buffer.from(text, 'base64').toString('utf8'))
}

function sample<T>(arbitrary: fc.Arbitrary<T>, runs: number): readonly T[] {
  return fc.sample(arbitrary, { numRuns: runs, seed: 20_140_601 })
}

const plainCharacter = fc.constantFrom(
  'a',
  'B',
  ' ',
  '0',
  '.',
  '&',
  '<',
  '"',
  "'",
  '\n',
  '\r\n',
  'é',
  'Ã',
  '©',
  '€',
  'â€™',
  '\0',
  '日',
  '😀',
)
const plainText = fc.array(plainCharacter, { maxLength: 30 }).map((parts) => parts.join(''))

const bbcodePart = fc.oneof(
  { weight: 3, arbitrary: plainText },
  fc.constantFrom(
    '[b]',
    '[/b]',
    '[I]',
    '[/i]',
    '[u]',
    '[/u]',
    '[s]',
    '[/s]',
    '[*]',
    '[list]',
    '[list=1]',
    '[/list]',
    '[LIST]',
  ),
  fc.constantFrom(
    '[quote]',
    '[quote=Ann]',
    '[quote="Ann"]',
    '[quote="]',
    '[/quote]',
    '[code]',
    '[/code]',
    '[center]',
    '[/center]',
    '[spoiler]',
    '[/spoiler]',
  ),
  fc.constantFrom(
    '[color=red]',
    '[color=#C00]',
    '[color=javascript:x]',
    '[/color]',
    '[size=4]',
    '[size=9]',
    '[/size]',
    '[b=]',
    '[x]',
  ),
  fc.constantFrom(
    '[url]http://a.example/?a=1&b=2[/url]',
    '[url]nope[/url]',
    '[url=/mods]',
    '[url=http://b.example]',
    '[/url]',
  ),
  fc.constantFrom(
    '[img]/img/a.png[/img]',
    '[img]//evil.example/a.png[/img]',
    '[img]http://c.example/a.png\n[/img]',
    '[img]',
    '[/img]',
    '[url]',
  ),
)
const bbcodeText = fc.array(bbcodePart, { maxLength: 14 }).map((parts) => parts.join(''))

describe('as legacy PHP has it', () => {
  it('BBCode becomes the same HTML', () => {
    const texts = sample(bbcodeText, 5000)
    const expected = callLegacy(
      'bbcode',
      texts.map((text) => [text]),
    )
    for (const [index, text] of texts.entries())
      expect({ text, html: renderBbcode(text) }).toEqual({ text, html: expected[index] })
  })

  it.each([
    ['h', escapeHtml, plainText],
    ['fix_utf8', repairText, plainText],
    ['urlencode', urlEncode, fc.string()],
    ['format_size', formatSize, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)],
    ['format_size', formatSize, fc.nat(5_000_000).map(String)],
    [
      'format_date',
      formatDate,
      fc.constantFrom(
        '0000-00-00 00:00:00',
        '2001-02-30',
        '2012-00-10 10:00:00',
        '2012-12-00',
        '2012-12-01 23:59:59',
        '2012-12-09 01:02:03.5',
        '',
        'x',
        '2012-13-01',
      ),
    ],
  ] as const)('%s gives the same text', (name, ours, arbitrary) => {
    const texts = sample(arbitrary as fc.Arbitrary<string>, 1000)
    const expected = callLegacy(
      name,
      texts.map((text) => [text]),
    )
    expect(texts.map((text) => ours(text))).toEqual(expected)
  })

  it('changelogs keep their lines', () => {
    const texts = sample(plainText, 1000)
    const expected = callLegacy(
      'text_lines',
      texts.map((text) => [text]),
    )
    expect(texts.map((text) => escapeLines(repairText(text)))).toEqual(expected)
  })

  it('numbers get their commas', () => {
    const numbers = sample(fc.integer({ min: -2_000_000_000, max: 4_294_967_295 }), 1000)
    expect(numbers.map((number) => formatCount(number))).toEqual(
      callLegacy(
        'format_count',
        numbers.map((number) => [number]),
      ),
    )
  })

  it('page links are the same on every page of every length', () => {
    const calls = Array.from({ length: 24 }, (_, pages) =>
      Array.from({ length: pages }, (_, page) => [pages * 20, 20, page + 1, '/x?a=1&cp={page}#c'] as const),
    ).flat()
    expect(calls.map((call) => paginate(...call))).toEqual(callLegacy('paginate', calls))
  })
})
