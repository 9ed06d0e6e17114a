import { describe, expect, it } from 'vitest'
import { formFields, holdsForm } from './form-fields.ts'

const type = 'multipart/form-data; boundary="B-1"'

function part(disposition: string, value: string): string {
  return `--B-1\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`
}

describe('the fields of a form', () => {
  it('are read from an urlencoded body as PHP reads them', () => {
    const fields = formFields('application/x-www-form-urlencoded; charset=utf-8', Buffer.from('a=1&a=2&b=x+y'))
    expect(fields).toEqual(new Map([['a', '2'], ['b', 'x y']])) // biome-ignore format: pairs
  })

  it('are read from a multipart body: the last of equal names, no files, no names that PHP would change', () => {
    const body = [
      part('name="action"', 'first'),
      part('name="file"; filename="x"', 'action'),
      part('name=bare', 'b'),
      part('name="a.b"', 'mangled'),
      part('name="list[]"', 'array'),
      part('name="action"', 'endorse\r\n--B not the end'),
      '--B-1--\r\n',
    ].join('')
    const fields = formFields(type, Buffer.from(body))
    expect(fields).toEqual(new Map(Object.entries({ action: 'endorse\r\n--B not the end', bare: 'b' })))
  })

  it('are none in a body that is cut, or of another type', () => {
    expect(formFields(type, Buffer.from(part('name="a"', '1')))).toEqual(new Map())
    expect(formFields('application/json', Buffer.from('{}'))).toBe('not-available')
    expect([type, 'application/x-www-form-urlencoded', 'multipart/mixed', undefined].map(holdsForm)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
