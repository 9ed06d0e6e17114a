import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { answersBy } from './fig-control.ts'
import { differencesBetween, LegacyRows, type RowDifference, type Snapshot } from './legacy-rows.ts'
import { createSession, type MemberSession, openSessions } from './member-session.ts'
import { withinOneHour } from './paired-sites.ts'
import { comparableHeaders, decodedBody, type RawAnswer, RawClient } from './raw-http.ts'
import { type SiteWrite, siteWrites } from './site-writes.ts'

/** What is written through Fig with its flags off is what is written directly: rows, files, letters, session, answer. */
describe('writing to the site through Fig, with flags off', () => {
  const stack = inject('stack')
  const client = new RawClient()
  const sessions = new Map<SiteWrite['as'], MemberSession>()
  let rows: LegacyRows
  let before: Snapshot
  let answeredBefore = 0

  beforeAll(async () => {
    answeredBefore = await answersBy(stack.operatorUrl, 'modern')
    const csrf = 'fedcba9876543210fedcba9876543210'
    sessions.set('visitor', createSession(stack, `csrf|s:32:"${csrf}";`, csrf))
    for (const [name, password] of logins) {
      const [session] = await openSessions(stack, [name, password])
      if (session !== undefined) sessions.set(name, session)
    }
    rows = await LegacyRows.open(stack.mysqlUrl)
    before = await rows.snapshot()
  })
  afterAll(async () => {
    await rows.restore(before)
    await rows[Symbol.asyncDispose]()
    for (const session of sessions.values()) session.remove()
    client.close()
    // Equal because TypeScript wrote what PHP does would prove another thing.
    expect(await answersBy(stack.operatorUrl, 'modern')).toBe(answeredBefore)
  })

  it.each(siteWrites)('leaves the same of $name', async (write) => {
    const [direct, throughFig] = await withinOneHour(async () => {
      return [await observe(stack.siteUrl, write), await observe(stack.figUrl, write)] as const
    })
    expect(throughFig).toEqual(direct)
    expect(direct.changes.map(({ table }) => table)).toEqual(expect.arrayContaining([...write.tables]))
    expect(direct.files).toHaveLength(write.files ?? 0)
  })

  async function observe(origin: string, write: SiteWrite) {
    const session = sessions.get(write.as)
    if (session === undefined) throw new Error(`nobody is logged in as ${write.as}`)
    session.restore()
    const filesBefore = new Set(filesBelow(stack.siteFolders.storage))
    const answers: RawAnswer[] = []
    for (const { target, ...request } of write.requests(session.csrf)) {
      const headers = { host: 'www.modvault.example', cookie: session.cookie, ...request.headers }
      const answer = await client.send(origin, target, { ...request, headers })
      answers.push(answer)
      if (target.startsWith('/download/')) answers.push(await client.send(origin, locationOf(answer), { headers }))
    }
    const differences = differencesBetween(before, await rows.snapshot(before))
    const mask = maskOf(differences)
    const observed = {
      answers: answers.map((answer) => mask(describeAnswer(answer))),
      changes: differences.map((difference) => describeChange(difference, mask)),
      files: newFiles(filesBefore).map(mask).toSorted(),
      session: mask(session.read() ?? 'none'),
    }
    await rows.restore(before)
    return observed
  }

  /** Name and content of files that were not there before; they are removed. */
  function newFiles(known: ReadonlySet<string>): readonly string[] {
    const added = filesBelow(stack.siteFolders.storage).filter((file) => !known.has(file))
    return added.map((file) => {
      const path = join(stack.siteFolders.storage, file)
      const content = readFileSync(path)
      rmSync(path)
      const text = file.endsWith('.eml')
        ? content.toString('latin1')
        : createHash('sha256').update(content).digest('base64')
      return `${file}\n${text}`
    })
  }
})

// --- internal ---

const logins = [
  ['alice', 'wonderland'],
  ['bob', 'builder'],
  ['Dovah', 'dragon'],
  ['admin', 'admin123'],
] as const

/** Columns whose values come from the clock or from chance. Only that they changed is compared. */
const momentary: Readonly<Record<string, readonly string[]>> = {
  activity_log: ['at'],
  api_usage: ['hour'],
  comments: ['created', 'edited'],
  downloads: ['when'],
  endorsements: ['created'],
  mod_files: ['path', 'uploaded'],
  mod_images: ['path'],
  mods: ['created', 'published', 'updated'],
  remember_tokens: ['selector', 'validator', 'expires'],
  tracked_mods: ['since'],
  users: ['joined', 'last_login', 'password'],
}

function describeChange({ table, kind, before, after }: RowDifference, mask: (text: string) => string) {
  const row = after ?? before ?? {}
  const columns = Object.keys(row).filter(
    (column) => JSON.stringify(before?.[column]) !== JSON.stringify(after?.[column]),
  )
  const values = columns.map((column) => {
    const value = row[column]
    if (momentary[table]?.includes(column) === true) return [column, '<moment>']
    return [column, mask(Buffer.isBuffer(value) ? value.toString('latin1') : String(value))]
  })
  return { table, kind, values: Object.fromEntries(values) as Record<string, string> }
}

function describeAnswer(answer: RawAnswer): string {
  const head = [`${answer.status} ${answer.reason}`, ...comparableHeaders(answer)].join('\n')
  return `${head}\n\n${decodedBody(answer).toString('latin1')}`
}

/** Takes out what differs from one writing to the next: ids that the database gives, moments, and what is drawn at random. */
function maskOf(differences: readonly RowDifference[]): (text: string) => string {
  const ids = differences.flatMap(({ table, kind, after }) => {
    return kind === 'added' && after !== undefined && 'id' in after ? [[table, String(after.id)] as const] : []
  })
  return (text) => {
    // First: what is drawn at random may hold the digits of an id.
    const withoutRandom = text
      .replaceAll(/\d{8}-\d{6}-[0-9a-f]{16}(?=\.eml)|[0-9a-f]{12,24}(?=\.(?:zip|png))/g, '<random>')
      .replaceAll(/(csrf\|s:32:"|name="csrf" value="|sig=)[0-9a-f]+/g, '$1<random>')
    const withoutIds = ids.reduce((masked, [table, id]) => {
      // Every page's foot says "2006-2014" and "1024x768".
      return masked.replaceAll(new RegExp(`(?<![0-9.]|2006-)${id}(?![0-9.x]|-2014)`, 'g'), `<${table}.id>`)
    }, withoutRandom)
    return withoutIds
      .replaceAll(/(PHPSESSID=|MVREMEMBER=)(?!deleted)[^;]+(; expires=[^;]+)?/g, '$1…')
      .replaceAll(/^(?:Date|Message-ID): .*$/gm, '<moment>')
      .replaceAll(/(started";d:|login_at\|i:|expires=)[\d.]+/g, '$1<moment>')
      .replaceAll(/"(?:created|updated)_at":"[^"]+"/g, '"at":"<moment>"')
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

function locationOf(answer: RawAnswer): string {
  const location = answer.headers.find(([name]) => /^location$/i.test(name))?.[1] ?? ''
  const { pathname, search } = new URL(location)
  return `${pathname}${search}`
}
