import { describe, expect, it } from 'vitest'
import { readScriptHead, scriptHeadBytesMax } from './script-head.ts'

describe('the head of what a script puts out', () => {
  it('is 200 without a status, and keeps order and duplicates', () => {
    const read = readScriptHead(
      Buffer.from('X-A: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-type: text/html; charset=UTF-8\r\n\r\nbody'),
    )
    expect(described(read)).toEqual({
      status: 200,
      reason: 'OK',
      headers: ['Content-Type: text/html; charset=UTF-8', 'X-A: 1', 'Set-Cookie: a=1', 'Set-Cookie: b=2'],
      length: undefined,
      accelRedirect: undefined,
      end: 84,
    })
  })

  it.each([
    ['Status: 404 Not Found\r\n\r\n', 404, 'Not Found'],
    ['Status: 404\r\n\r\n', 404, 'Not Found'],
    ['status:422\r\n\r\n', 422, ''],
    ["Status: 418 I'm a teapot \xe9\r\n\r\n", 418, "I'm a teapot \xe9"],
    ['Location: /x\r\n\r\n', 302, 'Moved Temporarily'],
    ['Status: 301 Moved Permanently\r\nLocation: /x\r\n\r\n', 301, 'Moved Permanently'],
    ['\r\n', 200, 'OK'],
    ['Content-Type: text/plain\n\n', 200, 'OK'],
    ['Content-Type: text/plain\n\r\n', 200, 'OK'],
    ['X-Nothing\r\n\r\n', 200, 'OK'],
  ])('%j says %i', (text, status, reason) => {
    expect(described(readScriptHead(Buffer.from(text, 'latin1')))).toMatchObject({ status, reason })
  })

  it('may come in any pieces', () => {
    const text = 'Status: 201 Created\r\nX-A: \t1 2 \t\r\n\r\n'
    for (let length = 0; length < text.length; length += 1) {
      expect(readScriptHead(Buffer.from(text.slice(0, length)))).toEqual({ kind: 'incomplete' })
    }
    expect(described(readScriptHead(Buffer.from(text)))).toMatchObject({ status: 201, headers: ['X-A: 1 2'] })
  })

  it('does not say to the client what is between PHP and its web server', () => {
    const own = ['Status: 200 OK', 'Connection: close', 'Keep-Alive: x', 'Transfer-Encoding: chunked']
    const accel = ['X-Accel-Buffering: no', 'X-Accel-Expires: 1', 'X-Accel-Redirect: /_f/x', 'X-Accel-Charset: utf-8']
    const read = readScriptHead(Buffer.from(`${[...own, ...accel, 'X-Own: 1', 'Content-Length: 7'].join('\n')}\n\n`))
    expect(described(read)).toMatchObject({
      headers: ['Content-Length: 7', 'X-Own: 1'],
      length: 7,
      accelRedirect: '/_f/x',
    })
  })

  it.each([
    ['a status line of HTTP', 'HTTP/1.1 200 OK\r\nX: 1\r\n\r\n'],
    ['a folded line', 'X-A: 1\r\n 2\r\n\r\n'],
    ['a space in a name', 'X A: 1\r\n\r\n'],
    ['a name of nothing', ': 1\r\n\r\n'],
    ['a bare carriage return', 'X-A: 1\rX-B: 2\r\n\r\n'],
    ['a NUL', 'X-A: 1\0\r\n\r\n'],
    ['an interim status', 'Status: 103 Early Hints\r\n\r\n'],
    ['a status beyond all', 'Status: 999 What\r\n\r\n'],
    ['a status of words', 'Status: fine\r\n\r\n'],
    ['a length of words', 'Content-Length: some\r\n\r\n'],
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['output before the headers', '<html>\n\n'],
  ])('is refused for %s', (_, text) => {
    expect(readScriptHead(Buffer.from(text))).toMatchObject({ kind: 'invalid' })
  })

  it('has an end', () => {
    expect(readScriptHead(Buffer.alloc(scriptHeadBytesMax + 1, 'x'))).toMatchObject({ kind: 'invalid' })
    expect(readScriptHead(Buffer.from(`X: ${'x'.repeat(scriptHeadBytesMax)}\n\n`))).toMatchObject({ kind: 'invalid' })
  })
})

// --- internal ---

function described(read: ReturnType<typeof readScriptHead>) {
  if (read.kind !== 'head') {
    return read
  }
  const { headers, ...rest } = read.head
  const lines = headers.toLines().split('\r\n').slice(0, -1)
  return { ...rest, headers: lines, end: read.end }
}
