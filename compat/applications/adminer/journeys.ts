import type { Journey } from '../../application.ts'
import { crawl } from '../../crawl.ts'
import { multipartBody, multipartType, noise } from '../../multipart.ts'
import { caught, type FormFields, type Pair, type Visitor } from '../../pair.ts'

/** What ends the session, or shows how the two servers differ: numbers of processes, ports and uptimes. */
const leaveOut =
  /logout|processlist|status=|variables=|privileges|version=|dbsize|select=(?:GLOBAL|SESSION|INNODB)_|dump=.*send/

export const adminerJourneys: readonly Journey[] = [
  {
    name: 'crawl',
    walk: async (pair) => {
      const visitor = pair.visitor()
      await visitor.get('/')
      await logIn(visitor, 'wrong')
      await logIn(visitor)
      await crawl(visitor, { start: [at('')], depthMax: 3, pagesMax: 250, leaveOut })
    },
  },
  { name: 'queries, rows, dumps and imports', walk: work },
]

// --- internal ---

const at = (query: string): string => `/?username=compat&db=compat${query}`

async function logIn(visitor: Visitor, password = 'compat'): Promise<void> {
  const fields = { driver: 'server', server: '', username: 'compat', password, db: 'compat' }
  const form = Object.fromEntries(Object.entries(fields).map(([name, value]) => [`auth[${name}]`, value]))
  await visitor.post('/', { ...form, 'auth[permanent]': '1' })
}

async function work(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor)
  const submit = async (query: string, fields: FormFields) => {
    const token = caught(await visitor.get(at(query)), /name=["']token["'] value=["'](\d+:\d+)/)
    await visitor.post(at(query), (side) => ({ ...fields, token: token[side] }))
  }
  const queries = [
    'select * from people limit 5',
    "select 'a<b>' as x; show tables",
    'broken',
    'update people set age = age + 1 where id < 4',
    `select '${'x'.repeat(50_000)}'`,
  ]
  for (const query of queries) await submit('&sql=', { query, limit: '50', error_stops: '1' })
  for (const number of [1, 2, 3, 4, 5]) {
    await submit('&edit=people', {
      'fields[name]': `New ${number} “ü”`,
      'fields[age]': String(number),
      'fields[note]': 'y'.repeat(number * 9_000),
      insert: '1',
    })
    const row = `&edit=people&where%5Bid%5D=${number}`
    await submit(row, { 'fields[name]': `Changed ${number} & <b>`, 'fields[age]': '50' })
    await visitor.get(at(row))
    await visitor.get(
      at(
        `&select=people&where%5B0%5D%5Bcol%5D=name&where%5B0%5D%5Bop%5D=LIKE+%25%25&where%5B0%5D%5Bval%5D=${number}&order%5B0%5D=age&desc%5B0%5D=1&page=0&limit=9`,
      ),
    )
  }
  for (const format of ['sql', 'csv', 'csv;', 'tsv']) {
    for (const output of ['text', 'file', 'gz']) {
      const form = {
        output,
        format,
        db_style: '',
        table_style: 'DROP+CREATE',
        data_style: 'INSERT',
        'tables[]': ['people', 'pets'],
        'data[]': ['people', 'pets'],
      }
      await submit('&dump=', form)
    }
  }
  await submit('&create=', {
    name: 'made',
    'fields[1][field]': 'id',
    'fields[1][type]': 'int',
    'fields[1][orig]': '',
    auto_increment_col: '1',
    Engine: 'InnoDB',
  })
  await visitor.get(at('&table=made'))
  await importFiles(visitor)
  const token = caught(await visitor.get(at('')), /name=["']token["'] value=["'](\d+:\d+)/)
  await visitor.post(at(''), (side) => ({ logout: 'Logout', token: token[side] }))
  await visitor.get(at(''))
}

async function importFiles(visitor: Visitor): Promise<void> {
  const ways = [{}, { chunked: true }, { expects: true }, { chunked: true, expects: true }]
  for (const { chunked = false, expects = false } of ways) {
    const token = caught(await visitor.get(at('&import=')), /name=["']token["'] value=["'](\d+:\d+)/)
    const statements = `insert into people (name, note) values ('imported', x'${noise(200_000).toString('hex')}');\nselect count(*) from people;`
    await visitor.ask((side) => ({
      method: 'POST',
      target: at('&import='),
      headers: { 'content-type': multipartType, ...(expects ? { expect: '100-continue' } : {}) },
      chunked,
      body: multipartBody([
        { name: 'sql_file[]', value: statements, file: 'dump.sql', type: 'application/sql' },
        { name: 'token', value: token[side] },
        { name: 'error_stops', value: '1' },
      ]),
    }))
  }
}
