import { describe, expect, it } from 'vitest'
import {
  advance,
  covers,
  coversAll,
  earliest,
  formatGtidPosition,
  parseGtid,
  parseGtidPosition,
  union,
} from './gtid.ts'
import { decodeWindows1252 } from './latin1.ts'

const at = parseGtidPosition

describe('positions', () => {
  it('are read and written as MariaDB does', () => {
    expect(formatGtidPosition(at('0-1-25,7-2-18446744073709551615'))).toBe('0-1-25,7-2-18446744073709551615')
    expect(formatGtidPosition(at(''))).toBe('')
    expect(() => at('0-1')).toThrow('is not a MariaDB transaction id')
  })

  it('cover what came before in the same domain, whichever server wrote it', () => {
    expect(covers(at('0-1-25'), parseGtid('0-2-25'))).toBe(true)
    expect(covers(at('0-1-25'), parseGtid('0-1-26'))).toBe(false)
    expect(covers(at('0-1-25'), parseGtid('1-1-1'))).toBe(false)
    expect(coversAll(at('0-1-25,1-1-3'), at('1-1-3'))).toBe(true)
    expect(coversAll(at(''), at('0-1-1'))).toBe(false)
    expect(coversAll(at(''), at(''))).toBe(true)
  })

  it('only move on', () => {
    expect(formatGtidPosition(advance(at('0-1-25'), parseGtid('0-1-20')))).toBe('0-1-25')
    expect(formatGtidPosition(union(at('0-1-25,1-1-1'), at('0-1-20,1-1-9,2-1-1')))).toBe('0-1-25,1-1-9,2-1-1')
  })

  it('begin where nothing after any of them is missed', () => {
    expect(formatGtidPosition(earliest([at('0-1-25,1-1-4'), at('0-1-20,1-1-9')]))).toBe('0-1-20,1-1-4')
    expect(formatGtidPosition(earliest([at('0-1-25,1-1-4'), at('0-1-20')]))).toBe('0-1-20')
    expect(formatGtidPosition(earliest([at('0-1-25')]))).toBe('0-1-25')
  })
})

describe('latin1 as MySQL has it', () => {
  it('is Windows-1252 with its five holes kept', () => {
    const every = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
    const decoded = decodeWindows1252(every)
    expect(decoded).toHaveLength(256)
    expect(new Set(decoded).size).toBe(256)
    expect(decoded.slice(0x80, 0x84)).toBe('€\u0081‚ƒ')
    expect(decoded.slice(0x9c, 0xa2)).toBe('œ\u009džŸ\u00a0¡')
    expect(decoded.slice(0, 0x80)).toBe(every.slice(0, 0x80))
  })
})
