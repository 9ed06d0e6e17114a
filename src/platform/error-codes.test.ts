import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError, errorCatalogue, isAppError } from './error-codes.ts'

describe('the error catalogue', () => {
  it('tells of every code what it means and what to do', () => {
    for (const [code, entry] of Object.entries(errorCatalogue)) {
      expect(code).toMatch(/^[a-z]+\.[a-z]+(?:-[a-z]+)*$/)
      expect(entry.meaning, code).toMatch(/\.$/)
      expect(entry.action, code).toMatch(/\.$/)
      expect(entry.status, code).toBeGreaterThanOrEqual(400)
    }
  })

  it('holds no code that nothing uses', () => {
    const source = join(import.meta.dirname, '..')
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    const text = files
      .filter((name) => name.endsWith('.ts') && !name.endsWith('error-codes.ts') && !name.includes('.test.'))
      .map((name) => readFileSync(join(source, name), 'utf8'))
      .join('\n')
    expect(Object.keys(errorCatalogue).filter((code) => !text.includes(`'${code}'`))).toEqual([])
  })
})

describe('an AppError', () => {
  it('carries its code, its entry and its cause', () => {
    const cause = new Error('below')
    const error = new AppError('legacy.overloaded', 'too much', { cause })
    expect(error).toMatchObject({ code: 'legacy.overloaded', status: 503, retry: 'later', cause })
    expect(isAppError(error, 'legacy.overloaded')).toBe(true)
    expect(isAppError(error, 'config.invalid')).toBe(false)
    expect(isAppError(cause)).toBe(false)
  })
})
