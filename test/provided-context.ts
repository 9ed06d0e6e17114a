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
  }
}
