import { Writable } from 'node:stream'
import { DrizzleQueryError } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { AppError } from './error-codes.ts'
import { createLogger } from './logger.ts'

function logged(object: object): string {
  let line = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      line += String(chunk)
      done()
    },
  })
  createLogger({ destination }).info(object, 'message')
  return line
}

describe('a log line', () => {
  it('hides secrets by name, at any depth, in any case, in records and in raw header lists', () => {
    const line = logged({
      headers: {
        Cookie: 'PHPSESSID=s3cret',
        AUTHORIZATION: 'Bearer s3cret',
        'Set-Cookie': ['a=s3cret'],
        apikey: 's3cret',
      },
      rawHeaders: ['Host', 'kept', 'X-Api-Key', 's3cret', 'cookie', 's3cret'],
      deep: { list: [{ user: { password: 's3cret', name: 'kept' } }] },
    })
    expect(line).not.toContain('s3cret')
    expect(line.match(/\[redacted\]/g)).toHaveLength(7)
    expect(line.match(/kept/g)).toHaveLength(2)
  })

  it('does not change the object that it was given', () => {
    const headers = { cookie: 'a=1' }
    logged({ headers })
    expect(headers.cookie).toBe('a=1')
  })

  it('tells an error with its code, remedy, facts, stack and causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const error = new AppError('legacy.connect-failed', 'GET http://a/', { cause, facts: { attempt: 2 } })
    expect(JSON.parse(logged({ err: error })).err).toMatchObject({
      type: 'AppError',
      code: 'legacy.connect-failed',
      message: 'GET http://a/',
      action: 'Check that the legacy site runs and that its address is right.',
      facts: { attempt: 2 },
      stack: expect.stringContaining('logger.test.ts'),
      cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    })
  })

  it('never holds SQL parameters, whichever library put them on its error', () => {
    const mysql = Object.assign(new Error("Duplicate entry 's3cret' for key 'users.name'"), {
      sql: "insert into users values ('s3cret')",
      sqlState: '23000',
      code: 'ER_DUP_ENTRY',
    })
    const postgres = Object.assign(new Error('duplicate key'), { detail: 'Key (name)=(s3cret) already exists.' })
    const drizzle = new DrizzleQueryError('select $1', ['s3cret'], postgres)
    for (const err of [mysql, postgres, drizzle]) {
      const line = logged({ err })
      expect(line).not.toContain('s3cret')
      expect(line).toMatch(/Duplicate entry|duplicate key/)
    }
  })
})
