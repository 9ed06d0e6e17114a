/** Words of the stack: its parts, their ports, and the one error that a person gets to read. */

export const partNames = ['mariadb', 'postgres', 'php', 'nginx', 'unleash', 'fig'] as const
export type PartName = (typeof partNames)[number]

export const portNames = ['site', 'legacy', 'unleash', 'operator', 'mariadb', 'postgres'] as const
export type PortName = (typeof portNames)[number]
export type Ports = Readonly<Record<PortName, number>>

export const partTitles: Readonly<Record<PartName, string>> = {
  mariadb: 'MariaDB',
  postgres: 'Postgres',
  php: 'PHP',
  nginx: 'nginx',
  unleash: 'Unleash',
  fig: 'Fig',
}

/** What each port is for, which option of `npm start` moves it, and its usual number. */
export const portUses: Readonly<
  Record<PortName, { readonly title: string; readonly part: PartName; readonly option: string; readonly usual: number }>
> = {
  site: { title: 'the site through Fig', part: 'fig', option: 'port', usual: 8080 },
  legacy: { title: 'the legacy site', part: 'nginx', option: 'legacy-port', usual: 8081 },
  unleash: { title: 'Unleash', part: 'unleash', option: 'unleash-port', usual: 4242 },
  operator: { title: "Fig's operator listener", part: 'fig', option: 'operator-port', usual: 9901 },
  mariadb: { title: 'MariaDB', part: 'mariadb', option: 'mariadb-port', usual: 13_306 },
  postgres: { title: 'Postgres', part: 'postgres', option: 'postgres-port', usual: 15_432 },
}

/** The servers listen on this machine's loopback only. */
export interface Account {
  readonly user: string
  readonly password?: string
}

export function accountUrl(protocol: string, port: number, database: string, { user, password }: Account): string {
  return `${protocol}://${user}${password === undefined ? '' : `:${password}`}@127.0.0.1:${port}/${database}`
}

/** Something a person has to put right. Printed as it is, without a stack trace. */
export class StackError extends Error {
  readonly remedy: string
  readonly details: readonly string[]

  constructor(message: string, remedy: string, details: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'StackError'
    this.remedy = remedy
    this.details = details
  }

  /** Everything in one text, for a terminal or for a test report. */
  explain(): string {
    const details = this.details.map((line) => `    ${line}`)
    return [this.message, ...details, `  What to do: ${this.remedy}`].join('\n')
  }
}

/** A full disk shows in each program's own words, and its remedy is always the same. */
export function remedyFor(lines: readonly string[], otherwise: string): string {
  const isFull = lines.some((line) => /no space left|disk full|table '.*' is full|\berr(or|no):? 28\b/i.test(line))
  return isFull ? 'The disk is full: free some space (`df -h`), then start again.' : otherwise
}

/** What a person can put right about a file system is said in their words; undefined for anything else. */
export function explainFileError(error: unknown): StackError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path } = error as NodeJS.ErrnoException
  const remedy = fileRemedies[code ?? '']
  return remedy === undefined ? undefined : new StackError(error.message, remedy(path ?? 'the checkout'), [], error)
}

const fileRemedies: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: (path) => `The disk is full: free some space where ${path} lies (\`df -h\`).`,
  EDQUOT: (path) => `Your disk quota is used up: free some space where ${path} lies.`,
  EACCES: (path) => `Make ${path} yours (\`chown\`), or use a checkout that is.`,
  EPERM: (path) => `Make ${path} yours (\`chown\`), or use a checkout that is.`,
  EROFS: (path) => `${path} can only be read: use a checkout on a disk that can be written.`,
}
