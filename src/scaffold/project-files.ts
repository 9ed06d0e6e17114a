import type { OwnPackage } from './own-package.ts'
import { unindented } from './unindented.ts'
import type { NewFile } from './write-files.ts'

export interface ProjectSettings {
  readonly legacyUrl: string
  readonly mysqlUrl: string | undefined
  readonly postgresUrl: string | undefined
}

/** The files of a minimal project, but for package.json and .gitignore, which may be there already. */
export function projectFiles(settings: ProjectSettings): readonly NewFile[] {
  return [
    { name: 'tsconfig.json', content: tsconfig },
    { name: 'routes.config.ts', content: routesConfig },
    { name: 'flags.json', content: '{}\n' },
    { name: '.env', content: environment(settings), mode: 0o600 },
    { name: '.env.example', content: environment(withoutSecrets(settings)) },
    { name: 'README.md', content: readme },
    { name: 'test/routes.test.ts', content: routesTest },
  ]
}

/** What a project's package.json holds. Without Fig itself: where that comes from, npm writes down when it is installed. */
export function packageFields(folderName: string, { devDependencies }: OwnPackage): PackageFields {
  return {
    name: packageName(folderName),
    private: true,
    type: 'module',
    engines: { node: '>=24' },
    scripts: {
      // By its file, as node takes no .env for a program that npm links.
      start: 'node --env-file=.env node_modules/fig-proxy/bin/fig.mjs serve',
      test: 'node --env-file-if-exists=.env --test "test/**/*.test.ts"',
      check: 'tsc',
    },
    devDependencies: {
      '@types/node': devDependencies['@types/node'] ?? '*',
      typescript: devDependencies.typescript ?? '*',
    },
  }
}

export type PackageFields = Readonly<Record<string, string | boolean | Readonly<Record<string, string>>>>

export type Completed = { readonly text: string } | { readonly problem: string }

/** What is there stays as it is; only what is missing is added. */
export function completePackage(present: string | undefined, fields: PackageFields): Completed {
  const given = present === undefined ? {} : parseObject(present)
  if (given === undefined) return { problem: 'package.json is no JSON object; correct it or remove it' }
  if (given.type !== undefined && given.type !== 'module')
    return { problem: `package.json says "type": ${JSON.stringify(given.type)}; Fig's files need "type": "module"` }
  const added: Record<string, unknown> = { ...fields, ...given }
  for (const [name, value] of Object.entries(fields)) {
    const own = given[name]
    if (typeof value === 'object' && typeof own === 'object') added[name] = { ...value, ...own }
  }
  // `npm init` puts a test there that only fails.
  const { scripts } = given as { readonly scripts?: Readonly<Record<string, string>> }
  if (scripts?.test?.includes('no test specified') === true)
    added.scripts = { ...(added.scripts as object), test: (fields.scripts as Readonly<Record<string, string>>).test }
  return { text: `${JSON.stringify(added, undefined, 2)}\n` }
}

/** Passwords are in .env: git must not see it. */
export function completeGitignore(present: string | undefined): string {
  const lines = (present ?? '').split('\n').map((line) => line.trim())
  const missing = ['node_modules/', '.fig/', '.env'].filter(
    (entry) => ![entry, `/${entry}`, entry.replace(/\/$/, '')].some((form) => lines.includes(form)),
  )
  const before = present === undefined || present === '' || present.endsWith('\n') ? (present ?? '') : `${present}\n`
  return before + missing.map((entry) => `${entry}\n`).join('')
}

// --- internal ---

const tsconfig = `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024", "esnext.disposable"],
    "module": "nodenext",
    "types": ["node"],
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "strict": true,
    "exactOptionalPropertyTypes": true,
    "noUncheckedIndexedAccess": true,
    "skipLibCheck": true
  },
  "include": ["*.ts", "handlers", "test"]
}
`

const routesConfig = unindented`
  import { defineRoutes } from 'fig-proxy'

  /** Which requests have a modern handler; everything else goes to PHP. The flag, not this file, says which side answers now. */
  export default defineRoutes({
    routes: [],
  })
`

/** From test/ on. */
const routesFile = '../routes.config.ts'

const routesTest = unindented`
  import assert from 'node:assert/strict'
  import { test } from 'node:test'
  import { compileRoutes, expectRoute, flagStates } from 'fig-proxy/testing'
  import routes from '${routesFile}'

  const table = compileRoutes(routes)

  test('with no flag on, everything goes to PHP', () => {
    expectRoute(table, 'GET /', { flags: flagStates() }).toGoTo('legacy')
  })

  test('every route has an id of its own', () => {
    assert.equal(new Set(table.routes.map(({ id }) => id)).size, table.routes.length)
  })
`

const readme = `# Strangling a PHP site with Fig

Fig stands in front of the PHP site. What \`routes.config.ts\` names can be answered by a TypeScript handler; everything else
goes to PHP, byte for byte.

\`\`\`
npm install
npm start          # Fig in front of the site, with the settings of .env
npm test           # the table, and each handler compared with PHP
npm run check      # types
\`\`\`

## One endpoint more
1. \`npx fig new 'GET /products/:id'\` writes \`handlers/products-id.ts\`, a test that compares it with PHP, and a line in
   \`routes.config.ts\`. For a script with parameters: \`npx fig new '/index.php?page=product&id=:id'\`.
2. Write the handler until \`npm test\` sees no difference. \`return c.env.fig.legacy('reason')\` leaves a case to PHP.
3. Turn its flag on in \`flags.json\`: for some visitors first, \`{ "products-id": 10 }\` is ten percent, then for all:
   \`{ "products-id": true }\`. It counts within a moment. Off again, and PHP answers as before.

With an Unleash server instead of the file: \`FIG_UNLEASH_URL\` and \`FIG_UNLEASH_TOKEN\` in \`.env\`, no \`FIG_FLAGS_FILE\`.

## Settings
\`.env\` holds addresses and passwords and is not for git; \`.env.example\` shows what has to be in it.
`

function environment({ legacyUrl, mysqlUrl, postgresUrl }: ProjectSettings): string {
  return [
    '# Where the PHP site answers.',
    line('FIG_LEGACY_URL', legacyUrl),
    '# Where Fig answers.',
    line('FIG_PORT', '8080'),
    line('FIG_ROUTES', 'routes.config.ts'),
    '# Which flags are on; or FIG_UNLEASH_URL and FIG_UNLEASH_TOKEN for an Unleash server.',
    line('FIG_FLAGS_FILE', 'flags.json'),
    '# The old and the new database, for handlers that need them.',
    line('FIG_MYSQL_URL', mysqlUrl),
    line('FIG_POSTGRES_URL', postgresUrl),
    '',
  ].join('\n')
}

/** As Node reads such files: quoted where a character would mean something else. */
function line(name: string, value: string | undefined): string {
  if (value === undefined) return `#${name}=`
  if (/^[\w:/@.?=&%,+~-]*$/.test(value)) return `${name}=${value}`
  const quote = ["'", '`', '"'].find((mark) => !value.includes(mark))
  return quote === undefined ? `${name}='${value.replaceAll("'", '%27')}'` : `${name}=${quote}${value}${quote}`
}

function withoutSecrets({ legacyUrl, mysqlUrl, postgresUrl }: ProjectSettings): ProjectSettings {
  return {
    legacyUrl: legacyUrl.split(',').map(masked).join(','),
    mysqlUrl: hidden(mysqlUrl),
    postgresUrl: hidden(postgresUrl),
  }
}

function hidden(url: string | undefined): string | undefined {
  return url === undefined ? undefined : masked(url)
}

function masked(text: string): string {
  const url = new URL(text.trim())
  if (url.username === '' && url.password === '') return text.trim()
  return text
    .trim()
    .replace(/\/\/[^/]*@/, '//user:password@')
    .replace(/\?.*$/, '')
}

/** Lower case, and nothing that npm refuses. */
function packageName(folderName: string): string {
  const name = folderName
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
  return name === '' || name === 'fig-proxy' || name === 'node_modules' ? 'strangled-site' : name
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined // The caller says so, with what to do.
  }
}
