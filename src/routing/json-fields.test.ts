import { describe, expect, it } from 'vitest'
import { isJson, readJson } from './json-fields.ts'

describe('a JSON body', () => {
  const given = { a: { 'b/c': 'x', 'm~n': 1, '': true, list: ['p', { q: 2.5 }] }, n: null, zero: 0, no: false }
  const fields = readJson(Buffer.from(JSON.stringify(given)))!

  it.each<[string, string | undefined, boolean]>([
    ['/a/b~1c', 'x', true],
    ['/a/m~0n', '1', true],
    ['/a/', 'true', true],
    ['/a/list/0', 'p', true],
    ['/a/list/1/q', '2.5', true],
    ['/zero', '0', true],
    ['/no', 'false', true],
    ['/n', undefined, true],
    ['/a', undefined, true],
    ['/a/list', undefined, true],
    ['', undefined, true],
    ['/n/x', undefined, false],
    ['/a/list/2', undefined, false],
    ['/a/list/00', undefined, false],
    ['/a/list/-', undefined, false],
    ['/a/list/length', undefined, false],
    ['/a/b~1c/0', undefined, false],
    ['/toString', undefined, false],
    ['/__proto__', undefined, false],
  ])('is looked into by JSON pointer: %s', (pointer, text, isThere) => {
    expect([fields.get(pointer), fields.has(pointer)]).toEqual([text, isThere])
  })

  it('may be a single value', () => {
    expect(readJson(Buffer.from(' "é" '))?.get('')).toBe('é')
  })

  it('has numbers by their shortest text, and none that would be rounded', () => {
    const numbers = readJson(Buffer.from('[7.0, 7e0, -1.50, 9007199254740993, 1e400]'))!
    expect([0, 1, 2, 3, 4].map((at) => numbers.get(`/${at}`))).toEqual(['7', '7', '-1.5', undefined, undefined])
  })

  it('is none where it cannot be parsed, or not by PHP', () => {
    for (const text of ['', '{', "{'a':1}", '{"a":1}x', '\ufeff{}', 'NaN'])
      expect(readJson(Buffer.from(text))).toBeUndefined()
    expect(readJson(Buffer.from([0x22, 0xe9, 0x22]))).toBeUndefined()
  })

  it('is known by its content type', () => {
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/ld+json'])
      expect(isJson(type)).toBe(true)
    for (const type of [undefined, '', 'text/plain', 'application/jsonp', 'multipart/form-data; boundary=+json'])
      expect(isJson(type)).toBe(false)
  })
})
