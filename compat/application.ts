/** What an application brings: its packages, how it is installed and served, and what its visitors do. */
import type { Mask } from './compare.ts'
import type { Database } from './databases.ts'
import type { Pair } from './pair.ts'
import type { PhpExtension } from './php-extensions.ts'
import type { SiteFolders } from './web-server-settings.ts'

export interface Application {
  readonly name: string
  readonly title: string
  /** Of Debian; the first one's version is the application's. */
  readonly packages: readonly string[]
  readonly extensions: readonly PhpExtension[]
  readonly needsDatabase: boolean
  /** Lines of php.ini. */
  readonly phpSettings?: readonly string[]
  /** Locations of nginx; `{php}` stands for the way to PHP. */
  readonly nginxRules: (folders: SiteFolders) => string
  /** Puts the files of the first site where they are served from, before anything runs. */
  readonly layOut: (layout: Layout) => Promise<void>
  /** By its own installer, and with something to read; the second site is a copy of what is there afterwards. */
  readonly install: (installation: Installation) => Promise<void>
  /** What Fig has to be told for this application, beside where it is. */
  readonly figSettings?: Readonly<Record<string, string>>
  readonly masks: readonly Mask[]
  readonly journeys: readonly Journey[]
  /** Also asked over TLS and HTTP/2. */
  readonly secureJourneys?: readonly Journey[]
}

export interface Layout extends SiteFolders {
  /** Stands for `/` of the unpacked packages. */
  readonly root: string
}

export interface Installation extends SiteFolders {
  /** Asks the first site, with the public host name. */
  readonly post: (target: string, form: Readonly<Record<string, string>>) => Promise<string>
  /** Runs a script of PHP on the command line, in the folder of the documents, with the environment of the site. */
  readonly php: (words: readonly string[]) => Promise<string>
  /** Runs statements in the database of the first site. */
  readonly sql: (statements: string) => Promise<void>
  readonly database: Database
}

export interface Journey {
  readonly name: string
  readonly walk: (pair: Pair) => Promise<void>
}

export const administrator = { user: 'admin', password: 'correct horse 7 Battery', mail: 'admin@www.compat.example' }
