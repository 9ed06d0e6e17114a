/** What the global set-ups hand to tests: `inject('mysqlUrl')` and so on. */
import type { StackDescription } from '../scripts/stack/index.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Root of a private MariaDB, without a database. Make your own databases and drop them. */
    mysqlUrl: string
    /** Superuser of a private Postgres, database `postgres`. Make your own databases and drop them. */
    postgresUrl: string
    /** A private Unleash. Use feature names of your own. */
    unleash: StackDescription['unleash']
    /** Only in `*.site.test.ts`: the legacy site, directly. */
    siteUrl: string
    /** Only in `*.site.test.ts`: the legacy site through Fig. */
    figUrl: string
    /** Only in `*.site.test.ts`: Fig's operator listener. */
    operatorUrl: string
    /** Only in `*.site.test.ts`: everything else about the stack. */
    stack: StackDescription
  }
}
