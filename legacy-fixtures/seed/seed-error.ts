// The seed's own errors: it is part of the fixtures and knows nothing of Fig, so it has no use for Fig's catalogue.
export type SeedErrorCode =
  | 'wrong-option'
  | 'server-unreachable'
  | 'access-denied'
  | 'privilege-missing'
  | 'local-infile-off'
  | 'database-exists'
  | 'rows-missing'
  | 'load-failed'
  | 'interrupted'

export class SeedError extends Error {
  readonly code: SeedErrorCode

  constructor(code: SeedErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SeedError'
    this.code = code
  }
}

// What the shell sees; the launcher tells "already there" from "broken" by it.
export const exitCodes: Readonly<Record<SeedErrorCode, number>> = {
  'wrong-option': 2,
  'server-unreachable': 3,
  'access-denied': 4,
  'privilege-missing': 4,
  'database-exists': 5,
  'local-infile-off': 6,
  'rows-missing': 7,
  'load-failed': 7,
  interrupted: 130,
}
