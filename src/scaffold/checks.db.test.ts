import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, inject, it } from 'vitest'
import { checkAll } from './checks.ts'

const changed = (text: string, change: (url: URL) => void): string => {
  const url = new URL(text)
  change(url)
  return url.href
}

it('sees databases that let Fig in, and says why others do not', async () => {
  const site = http.createServer((_request, response) => response.end('PHP'))
  await new Promise<void>((resolve) => void site.listen(0, '127.0.0.1', resolve))
  const legacy = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  const mysql = changed(inject('mysqlUrl'), (url) => (url.pathname = '/mysql'))
  const postgres = inject('postgresUrl')
  try {
    const good = await checkAll({ legacy: `${legacy},${legacy}`, mysql, postgres })
    expect(good.map(({ what, ok }) => [what, ok])).toEqual([
      ['legacy', true],
      ['legacy', true],
      ['mysql', true],
      ['postgres', true],
    ])
    const absent = (url: string) => changed(url, (parts) => (parts.pathname = '/no_such_thing'))
    const refused = changed(mysql, (url) => (url.password = 'sesame'))
    const [, noSchema, noDatabase] = await checkAll({ legacy, mysql: absent(mysql), postgres: absent(postgres) })
    expect(noSchema?.detail).toMatch(/^MySQL at .* the schema that the URL names does not exist/)
    expect(noDatabase?.detail).toMatch(/^Postgres at .* the database that the URL names does not exist/)
    const [, stranger] = await checkAll({ legacy, mysql: refused, postgres: undefined })
    expect(stranger?.detail).toMatch(/^MySQL at .* user or password is wrong/)
    expect(stranger?.detail).not.toContain('sesame')
  } finally {
    site.close()
  }
})
