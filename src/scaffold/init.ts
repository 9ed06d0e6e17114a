import { readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { loadConfig } from '../config.ts'
import { AppError, isAppError } from '../platform/index.ts'
import { type Addresses, type Check, checkAll, checkLegacy, checkMysql, checkPostgres } from './checks.ts'
import { type OwnPackage, ownPackage } from './own-package.ts'
import { completeGitignore, completePackage, packageFields, projectFiles } from './project-files.ts'
import { failed, type Outcome, openPrompt, type Prompt, type Terminal, tell } from './terminal.ts'
import { existing, type NewFile, writeNew } from './write-files.ts'

export const initOptions = [
  { flag: '--legacy <url>', help: 'Where the PHP site answers, such as http://127.0.0.1:8081; several with commas' },
  { flag: '--mysql <url>', help: 'Its database, such as mysql://user:password@127.0.0.1:3306/shop' },
  { flag: '--postgres <url>', help: 'The new database, such as postgres://user:password@127.0.0.1:5432/shop' },
  { flag: '--yes', help: 'Ask nothing: what is not given is left out' },
  { flag: '--unchecked', help: 'Write the addresses down without trying them' },
  { flag: '--json', help: 'One JSON document instead of words' },
] as const

/** `fig init [folder]`: a minimal project in front of a PHP site. Writes all of it or, with the reasons, nothing. */
export async function init(
  folder: string | undefined,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<0 | 1> {
  const path = resolve(terminal.cwd(), folder ?? '.')
  return tell(terminal, options.json === true, await initialise(path, options, terminal))
}

// --- internal ---

async function initialise(
  folder: string,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<Outcome> {
  const given = givenAddresses(options)
  const own = await ownPackage()
  // Before anything is asked: whoever has answered three questions should not learn then that it was for nothing.
  const obstacles = await whatIsInTheWay(folder, own)
  if (obstacles.length > 0) return failed(`nothing was written to ${folder}:`, obstacles)
  const isChecked = options.unchecked !== true
  const addresses = await complete(given, { asks: options.yes !== true && options.json !== true, isChecked }, terminal)
  if (addresses === undefined) return failed('nothing was written:', ['the questions were not answered to their end'])
  const checks = isChecked ? await checkAll(addresses) : []
  const problems = checks.filter(({ ok }) => !ok).map(({ detail }) => detail)
  if (problems.length > 0) {
    const way = 'correct the address, start what is missing, or give --unchecked'
    return failed(`nothing was written to ${folder}:`, [...problems, way])
  }
  const files = await write(folder, addresses, own)
  return written(folder, files, checks, own)
}

type Given = { readonly [Name in keyof Addresses]: string | undefined }

/** @throws AppError 'config.invalid' with every option that is wrong */
function givenAddresses(options: Readonly<Record<string, unknown>>): Given {
  const text = (name: string) => {
    const value = options[name]
    if (Array.isArray(value)) throw new AppError('config.invalid', `--${name} is given more than once`)
    return value === undefined || value === '' ? undefined : String(value)
  }
  const given = { legacy: text('legacy'), mysql: text('mysql'), postgres: text('postgres') }
  const problem = problemOf(given)
  if (problem !== undefined) throw problem
  return given
}

/** The same rules as at start, in words of the command line. */
function problemOf({ legacy, mysql, postgres }: Given): AppError | undefined {
  try {
    loadConfig(
      { FIG_LEGACY_URL: legacy ?? 'http://127.0.0.1', FIG_MYSQL_URL: mysql, FIG_POSTGRES_URL: postgres },
      process.cwd(),
    )
    return undefined
  } catch (error) {
    if (!isAppError(error, 'config.invalid')) throw error
    const message = error.message
      .replace('FIG_LEGACY_URL:', '--legacy:')
      .replace('FIG_MYSQL_URL:', '--mysql:')
      .replace('FIG_POSTGRES_URL:', '--postgres:')
    return new AppError('config.invalid', message, { cause: error })
  }
}

/** What is not given is asked for, where somebody can answer. */
async function complete(
  given: Given,
  { asks, isChecked }: { readonly asks: boolean; readonly isChecked: boolean },
  terminal: Terminal,
): Promise<Addresses | undefined> {
  if (!asks || terminal.stdin.isTTY !== true) {
    if (given.legacy !== undefined) return { ...given, legacy: given.legacy }
    throw new AppError('config.invalid', '--legacy is missing: give the address of the PHP site')
  }
  using prompt = openPrompt(terminal)
  const until = (question: Question) => answerOf(question, { prompt, terminal, isChecked })
  const legacy = given.legacy ?? (await until(questions.legacy))
  if (legacy === undefined) return undefined
  const mysql = given.mysql ?? (await until(questions.mysql))
  if (mysql === undefined) return undefined
  const postgres = given.postgres ?? (await until(questions.postgres))
  if (postgres === undefined) return undefined
  return { legacy, mysql: mysql === '' ? undefined : mysql, postgres: postgres === '' ? undefined : postgres }
}

interface Question {
  readonly name: keyof Addresses
  readonly text: string
  readonly fallback?: string
  readonly check: (url: string) => Promise<Check>
}

const questions = {
  legacy: {
    name: 'legacy',
    text: 'Where does the PHP site answer?',
    fallback: 'http://127.0.0.1:8081',
    check: (url: string) => checkLegacy(new URL(url.split(',', 1)[0] ?? url)),
  },
  mysql: { name: 'mysql', text: 'Its MySQL, as mysql://user:password@host/name (empty: none)', check: checkMysql },
  postgres: { name: 'postgres', text: 'The new Postgres, as postgres://… (empty: none)', check: checkPostgres },
} as const satisfies Readonly<Record<string, Question>>

/** Asks again until the answer holds; undefined when nobody answers any more. */
async function answerOf(
  { name, text, fallback, check }: Question,
  {
    prompt,
    terminal,
    isChecked,
  }: { readonly prompt: Prompt; readonly terminal: Terminal; readonly isChecked: boolean },
): Promise<string | undefined> {
  for (;;) {
    const answer = await prompt.ask(text, fallback)
    if (answer === undefined || answer === '') return answer
    const malformed = problemOf({ ...nothingGiven, [name]: answer })
    if (malformed !== undefined) {
      terminal.stderr.write(`${malformed.message}\n`)
      continue
    }
    if (!isChecked) return answer
    const { ok, detail } = await check(answer)
    terminal.stderr.write(`${ok ? '' : 'That does not work: '}${detail}\n`)
    if (ok) return answer
  }
}

const nothingGiven: Given = { legacy: undefined, mysql: undefined, postgres: undefined }
/** Only their content says whether these are in the way: they are added to. */
const completed = ['package.json', '.gitignore'] as const

async function whatIsInTheWay(folder: string, own: OwnPackage): Promise<readonly string[]> {
  const names = projectFiles({ legacyUrl: 'http://127.0.0.1', mysqlUrl: undefined, postgresUrl: undefined })
  const there = await existing(
    folder,
    names.map(({ name }) => name),
  )
  const result = completePackage(await present(folder, 'package.json'), packageFields(basename(folder), own))
  return [
    ...there.map((name) => `${name} is there already; move it away or use another folder`),
    ...('problem' in result ? [result.problem] : []),
  ]
}

async function write(folder: string, addresses: Addresses, own: OwnPackage): Promise<readonly string[]> {
  const { legacy: legacyUrl, mysql: mysqlUrl, postgres: postgresUrl } = addresses
  const before = { pack: await present(folder, 'package.json'), ignored: await present(folder, '.gitignore') }
  const pack = completePackage(before.pack, packageFields(basename(folder), own))
  if ('problem' in pack) throw new AppError('config.invalid', pack.problem)
  const ignored = completeGitignore(before.ignored)
  const fresh: readonly NewFile[] = [
    ...(before.ignored === undefined ? [{ name: '.gitignore', content: ignored }] : []),
    ...(before.pack === undefined ? [{ name: 'package.json', content: pack.text }] : []),
    ...projectFiles({ legacyUrl, mysqlUrl, postgresUrl }),
  ]
  // First, so that git never sees .env.
  if (before.ignored !== undefined) await writeFile(join(folder, '.gitignore'), ignored)
  await writeNew(folder, fresh)
  if (before.pack !== undefined) await writeFile(join(folder, 'package.json'), pack.text)
  return [...new Set([...completed, ...fresh.map(({ name }) => name)])]
}

async function present(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function written(
  folder: string,
  files: readonly string[],
  checks: readonly Check[],
  own: OwnPackage,
): Promise<Outcome> {
  const next = [...(await howToInstall(folder, own)), 'npm start', "npx fig new 'GET /path/:id'"]
  const lines = [
    ...checks.map(({ detail }) => `Checked: ${detail}`),
    `Wrote to ${folder}: ${files.join(', ')}`,
    'Next:',
    ...next.map((command) => `  ${command}`),
  ]
  return { code: 0, text: lines.join('\n'), facts: { ok: true, folder, files, checks, next } }
}

async function howToInstall(folder: string, { name, version, checkout }: OwnPackage): Promise<readonly string[]> {
  const pack = JSON.parse((await present(folder, 'package.json')) ?? '{}') as {
    readonly dependencies?: Readonly<Record<string, string>>
  }
  if (pack.dependencies?.[name] !== undefined) return ['npm install']
  if (checkout === undefined) return [`npm install ${name}@${version}`]
  return [`npm pack ${checkout}`, `npm install ./${name}-${version}.tgz`]
}
