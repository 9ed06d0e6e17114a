/** The one table at the end of a start, and what to try next. */
import { basename, join, relative } from 'node:path'
import { flagSwitchUrl, type StackDescription, siteDatabase, unleashLogin } from '../stack/index.ts'

export interface ReadyDetails {
  readonly flags: readonly string[]
  readonly readyAfterMs: number
}

export function describeReady(stack: StackDescription, { flags, readyAfterMs }: ReadyDetails): string {
  const login = `${unleashLogin.user} / ${unleashLogin.password}`
  const rows = [
    ['Site through Fig', stack.figUrl, 'members: alice / wonderland, admin / admin123'],
    ['Legacy site, direct', stack.siteUrl, 'nginx and PHP'],
    ['Unleash', stack.unleash.url, `login: ${login}`],
    ["Fig's operator listener", stack.operatorUrl, '/healthz /readyz /metrics'],
    ['MariaDB', `${stack.mysqlUrl}${siteDatabase}`, "the legacy site's"],
    ['Postgres', stack.figEnvironment.FIG_POSTGRES_URL ?? '', "Fig's"],
    ['Data and logs', folderFor(stack), 'fig.log, php.log, nginx.log, …'],
  ] as const
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const table = rows.map(([what, where, note]) => `  ${what.padEnd(widths[0]!)}  ${where.padEnd(widths[1]!)}  ${note}`)
  const title = `Ready after ${(readyAfterMs / 1000).toFixed(1)} s. Ctrl-C stops everything.`
  return ['', title, '', ...table, '', ...nextThings(stack, flags[0])].join('\n')
}

// --- internal ---

function nextThings(stack: StackDescription, flag: string | undefined): string[] {
  const page = `${stack.figUrl}/index.php?page=mod&id=1`
  const log = `${folderFor(stack)}/logs/fig.log`
  const flip = flag === undefined ? [] : flagCommand(stack, flag)
  return [
    'Next thing to try:',
    `  Look at a mod page:  ${page}`,
    ...flip,
    `  Which side answered:  tail -n 1 ${log}`,
    '',
  ]
}

function flagCommand(stack: StackDescription, flag: string): string[] {
  const url = flagSwitchUrl(stack.unleash.url, flag, 'on')
  return [
    `  Move the group ${flag} to TypeScript (in Unleash, or so; /off takes it back):`,
    `    curl -X POST -H 'Authorization: ${stack.unleash.adminToken}' ${url}`,
  ]
}

function folderFor(stack: StackDescription): string {
  return relative(process.cwd(), join(stack.checkout, '.fig', basename(stack.dir)))
}
