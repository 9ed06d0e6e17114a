import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { hashOfRows, worldOf } from './row-hash.ts'
import { readSchema } from './schema.ts'
import type { Row, TableSeed } from './table-seed.ts'
import { tableSeeds } from './tables/index.ts'
import { usernameOf } from './text/names.ts'
import { seedFacts } from './traps.ts'

// A change here changes everybody's data: a database made before it is not the same site any more.
const hashOf200Mods = '3d2d29ec73dd7cbcfbd7f5cfae28e22122a8570568cedb8c6b4908b8b89cf366'

describe('generated rows', () => {
  test('are the same as ever, and the same twice', () => {
    expect(hashOfRows(200, 1)).toBe(hashOf200Mods)
    expect(hashOfRows(200, 1)).toBe(hashOf200Mods)
  })

  test('are the same in another time zone and language', async () => {
    const rowHash = new URL('./row-hash.ts', import.meta.url).href
    const script = `process.stdout.write((await import(${JSON.stringify(rowHash)})).hashOfRows(200, 1))`
    const env = { ...process.env, TZ: 'Pacific/Chatham', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })
    expect(stdout).toBe(hashOf200Mods)
  })

  test('differ with the seed', () => {
    expect(hashOfRows(200, 2)).not.toBe(hashOf200Mods)
  })

  test('fill exactly the tables and columns of schema.sql', async () => {
    const { tables } = await readSchema()
    const ofSchema = tables.map((statement) => [tableName(statement), columnNames(statement)] as const)
    const ofSeed = tableSeeds.map((seed) => [seed.table, seed.columns.map((column) => column.name)] as const)
    expect(sorted(ofSeed)).toEqual(sorted(ofSchema))
  })

  test.each(tableSeeds.map((seed) => [seed.table, seed] as const))('of %s have one value per column', (_, seed) => {
    for (const row of seed.rows(worldOf(100))) expect(row.length).toBe(seed.columns.length)
  })

  test.each(keyedTables())('of %s have unique keys', (_, seed) => {
    for (const mods of [100, 1500]) {
      const keys = keyList(seed, mods)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })

  test('are as many as the survey of the site says', () => {
    const world = worldOf(1500, 3)
    const count = (table: string): number => Array.from(seedOf(table).rows(world)).length
    expect(count('mod_files')).toBe(world.totals.files)
    expect(count('endorsements')).toBe(world.totals.endorsements)
    expect(count('comments')).toBe(world.totals.comments)
    expect(count('tracked_mods')).toBe(world.totals.tracked + 4)
  })

  test('of a mod are the same whatever was made before it', () => {
    const last = (mods: number): Row | undefined =>
      [...seedOf('mod_images').rows(worldOf(mods))].find((row) => row[1] === 90)
    expect(last(100)).toEqual(last(1000))
  })

  test('hold user names that MySQL does not take for one another', () => {
    const names = Array.from({ length: 250_000 }, (_, index) => folded(usernameOf(1, index + 1)))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('seedFacts', () => {
  test.each([
    [100, 1],
    [100, 99],
    [700, 7],
  ])('hold in the rows of %i mods with seed %i', (mods, seed) => {
    const world = worldOf(mods, seed)
    const failures = tableSeeds.flatMap((table) => {
      const rows = [...table.rows(world)]
      return seedFacts
        .filter((fact) => fact.table === table.table)
        .filter((fact) => rows.filter((row) => isRowOf(fact, table, row)).length !== (fact.rows ?? 1))
        .map((fact) => `${fact.trap}: ${fact.table} ${JSON.stringify(fact.key)} ${fact.column}`)
    })
    expect(failures).toEqual([])
  })

  test('name each place once', () => {
    const places = seedFacts.map((fact) => `${fact.table} ${JSON.stringify(fact.key)} ${fact.column}`)
    expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([])
  })

  test('have a row for every column that schema.sql calls a trap', async () => {
    const covered = new Set(seedFacts.map((fact) => `${fact.table}.${fact.column}`))
    const missing = (await trapColumns()).filter((place) => !covered.has(place) && !structuralTraps.has(place))
    expect(missing).toEqual([])
  })
})

// --- internal ---

// What is a trap by the column's name or definition, in every row.
const structuralTraps = new Set([
  'games.order',
  'mods.updated',
  'mod_files.downloads',
  'endorsements.created',
  'remember_tokens.selector',
  'settings.key',
])

// Columns whose line in schema.sql carries a {{trap}} comment.
async function trapColumns(): Promise<readonly string[]> {
  const places: string[] = []
  let table = ''
  for (const line of (await readFile(new URL('../sql/schema.sql', import.meta.url), 'utf8')).split('\n')) {
    table = /^CREATE TABLE (\w+)/.exec(line)?.[1] ?? table
    const column = /^ {2}`?([a-z_0-9]+)`? .*\{\{/.exec(line)?.[1]
    if (column !== undefined) places.push(`${table}.${column}`)
  }
  return places
}

function seedOf(table: string): TableSeed {
  const seed = tableSeeds.find((candidate) => candidate.table === table)
  if (seed === undefined) throw new Error(`no table ${table}`)
  return seed
}

function keyedTables(): readonly (readonly [string, TableSeed])[] {
  return tableSeeds.filter((seed) => seed.key.length > 0).map((seed) => [seed.table, seed] as const)
}

function keyList(seed: TableSeed, mods: number): readonly string[] {
  const places = seed.key.map((name) => seed.columns.findIndex((column) => column.name === name))
  return Array.from(seed.rows(worldOf(mods)), (row) => places.map((place) => row[place]).join(' '))
}

function isRowOf(fact: (typeof seedFacts)[number], table: TableSeed, row: Row): boolean {
  const inColumn = (name: string): unknown => row[table.columns.findIndex((column) => column.name === name)]
  const isKey = Object.entries(fact.key).every(([name, value]) => String(inColumn(name)) === String(value))
  return isKey && (fact.value === undefined || inColumn(fact.column) === fact.value)
}

function tableName(statement: string): string {
  return /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? ''
}

function columnNames(statement: string): readonly string[] {
  const lines = statement.split('\n').map((line) => line.trim())
  const columns = lines.filter(
    (line) => /^`?\w+`?\s/.test(line) && !/^(CREATE|PRIMARY|UNIQUE|KEY|CONSTRAINT|FULLTEXT)\b/.test(line),
  )
  return columns.map((line) => /^`?(\w+)/.exec(line)?.[1] ?? '')
}

function sorted<T>(list: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  return list.toSorted(([left], [right]) => (left < right ? -1 : 1))
}

// Near enough to utf8mb4_general_ci: case, accents and trailing spaces do not count.
function folded(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .trimEnd()
    .toLowerCase()
}
