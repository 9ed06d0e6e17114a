import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inputVariablesMax, isForm, type PhpValues, readCookies, readForm, readQuery } from './php-values.ts'
import { openPhpOracle, type PhpOracle, type Superglobal } from './testing/php-superglobals.ts'

const urlencoded = 'application/x-www-form-urlencoded'

describe('what PHP would find in a request', () => {
  let php: PhpOracle
  beforeAll(async () => {
    php = await openPhpOracle()
  })
  afterAll(() => php[Symbol.asyncDispose]())

  it('is read as a real PHP reads it: query, urlencoded body and cookies', async () => {
    const piece = fc.constantFrom(
      ...'a b id . + [ ] = & ; % %20 %5B %5d %2E %00 %zz %41 %C3%A9 %FF %26 ..Host- __Host- []= &a= ;a=1 ;a= a[]=1;'.split(
        ' ',
      ),
    )
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    await fc.assert(
      fc.asyncProperty(text, text, text, async (query, body, cookie) => {
        const found = await php.read({ query, cookie, contentType: urlencoded, body: Buffer.from(body, 'latin1') })
        expect(asPhpHasIt(readQuery(query)!)).toEqual(comparable(found.get))
        expect(asPhpHasIt(readForm(urlencoded, Buffer.from(body, 'latin1')) as PhpValues)).toEqual(
          comparable(found.post),
        )
        expect(asPhpHasIt(readCookies(cookie))).toEqual(comparable(found.cookie))
      }),
      { numRuns: 800 },
    )
  })

  it('is never something else than PHP finds in a multipart body', async () => {
    const name = fc.constantFrom('a', 'a[]', 'a.b', 'a b', 'a[b', '', 'é', 'id', 'a"', 'a\\"b')
    const value = fc.constantFrom('', '1', 'two\r\nlines', '--B', '\r\n--', '\r\n--Bx', '\r\n--B\n', 'é', '\xff')
    const extra = fc.constantFrom(
      '',
      '; filename="f.txt"',
      '; filename=""',
      '; x=y',
      '\r\nContent-Type: text/plain',
      '\r\n folded',
    )
    const part = fc
      .tuple(name, value, extra)
      .map(
        ([given, content, more]) =>
          `--B\r\nContent-Disposition: form-data; name="${given}"${more}\r\n\r\n${content}\r\n`,
      )
    const ending = fc.constantFrom('--B--\r\n', '--B--', '', '--B', '--B-- trailing')
    let read = 0
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), ending, async (parts, end) => {
        const body = Buffer.from(parts.join('') + end, 'latin1')
        const contentType = 'multipart/form-data; boundary=B'
        const mine = readForm(contentType, body)
        if (mine === 'not-available') return
        read += 1
        const found = await php.read({ query: '', cookie: '', contentType, body })
        expect(asPhpHasIt(mine)).toEqual(comparable(found.post))
      }),
      { numRuns: 600 },
    )
    expect(read).toBeGreaterThan(20)
  })

  it('is not guessed at beyond the number of variables that PHP takes', () => {
    const pairs = (count: number) => Array.from({ length: count }, (_, index) => `a${index}=1`).join('&')
    expect(readQuery(pairs(inputVariablesMax))?.size).toBe(inputVariablesMax)
    expect(readQuery(pairs(inputVariablesMax + 1))).toBeUndefined()
    expect(readForm(urlencoded, Buffer.from(pairs(inputVariablesMax + 1)))).toBe('not-available')
  })

  it('is looked for in forms only', () => {
    const types = [
      urlencoded,
      `${urlencoded}; charset=utf-8`,
      'Multipart/Form-Data; boundary="x y"',
      'multipart/mixed; boundary=x',
    ]
    expect(types.map(isForm)).toEqual([true, true, true, false])
    expect([undefined, '', 'application/json', 'multipart/form-data'].map(isForm)).toEqual([false, false, false, false])
    expect(readForm('application/json', Buffer.from('{"a":1}'))).toBe('not-available')
  })
})

// --- internal ---

/** Our reading in PHP's terms. A text that is no UTF-8 is `undefined` for us, and so is an array: 'not comparable' for both. */
function asPhpHasIt(values: PhpValues): Record<string, string> {
  const hex = (text: string) => Buffer.from(text).toString('hex')
  return Object.fromEntries([...values].map(([name, value]) => [hex(name), value === undefined ? '?' : hex(value)]))
}

function comparable(found: Superglobal): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found)
      .filter(([name]) => isUtf8(Buffer.from(name, 'hex')))
      .map(([name, value]) => [name, value === null || !isUtf8(Buffer.from(value, 'hex')) ? '?' : value]),
  )
}
