/** Extensions of PHP that an application needs and this machine may not have: loaded from unpacked packages then. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompatProblem } from './problem.ts'
import { runProgram } from './run-program.ts'

/** The names of the modules that a package of Debian brings, in the order in which they can be loaded. */
const modulesOf = {
  mbstring: ['mbstring'],
  xml: ['xml', 'dom', 'simplexml', 'xmlreader', 'xmlwriter'],
  intl: ['intl'],
  gd: ['gd'],
  curl: ['curl'],
  sqlite3: ['sqlite3', 'pdo_sqlite'],
} as const
export type PhpExtension = keyof typeof modulesOf

export interface MissingExtensions {
  readonly packages: readonly string[]
  readonly modules: readonly string[]
}

export async function missingExtensions(wanted: readonly PhpExtension[]): Promise<MissingExtensions> {
  const loaded = new Set((await runProgram(['php', '-m'])).toLowerCase().split('\n'))
  const missing = wanted.filter((name) => modulesOf[name].some((module) => !loaded.has(module)))
  const version = (await runProgram(['php', '-r', 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;'])).trim()
  return {
    packages: missing.map((name) => `php${version}-${name}`),
    modules: missing.flatMap((name) => modulesOf[name].filter((module) => !loaded.has(module))),
  }
}

/** The environment in which `php` and its FPM load the modules, beside what the machine's own settings load. */
export function writeExtensionSettings(
  modules: readonly string[],
  settings: readonly string[],
  places: { readonly root: string; readonly folder: string },
): Readonly<Record<string, string>> {
  const files = readdirSync(places.root, { recursive: true, encoding: 'utf8' })
  const lines = modules.map((module) => {
    const file = files.find((name) => name.endsWith(`/${module}.so`))
    if (file === undefined) throw new CompatProblem(`No package has PHP's module ${module}.`, 'Install it with apt.')
    return `extension=${join(places.root, file)}`
  })
  mkdirSync(places.folder, { recursive: true })
  writeFileSync(join(places.folder, '50-compat.ini'), `${[...lines, ...settings].join('\n')}\n`)
  const libraries = ['x86_64', 'aarch64'].map((machine) => join(places.root, `usr/lib/${machine}-linux-gnu`))
  // An empty entry stands for the folder that PHP was built with.
  return { PHP_INI_SCAN_DIR: `:${places.folder}`, LD_LIBRARY_PATH: libraries.join(':') }
}
