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
