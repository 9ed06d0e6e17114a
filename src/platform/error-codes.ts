// Every failure that an operator or a developer may meet, in one place. To add one, add a line: the code (folder, dot, what
// happened), its meaning, what to do about it, and, where it can reach a client, the HTTP status it becomes.

/** `never`: the same attempt fails again. `later`: outside conditions may change. `at-once`: a fresh attempt may succeed now. */
export type RetryClass = 'never' | 'later' | 'at-once'

export interface ErrorEntry {
  readonly meaning: string
  readonly action: string
  readonly status: number
  readonly retry: RetryClass
}

export const errorCatalogue = {
  // platform
  'platform.fault-points-refused': {
    meaning: 'Fault points were asked for in production mode.',
    action: 'Remove the fault points from the start configuration; they are for tests and drills only.',
    status: 500,
    retry: 'never',
  },
  'platform.fault-point-unknown': {
    meaning: 'A fault point or its action is not known.',
    action: 'Use one of the names and actions that the message lists.',
    status: 500,
    retry: 'never',
  },
  'platform.fault-point-hit': {
    meaning: 'A fault point that was enabled for a drill threw on purpose.',
    action: 'None; it was asked for in the start configuration.',
    status: 500,
    retry: 'at-once',
  },

  // configuration and composition
  'config.invalid': {
    meaning: 'The configuration is wrong; the message lists every problem.',
    action: 'Correct each line that the message names, then start again.',
    status: 500,
    retry: 'never',
  },
  'workers.not-started': {
    meaning: 'A worker process ended, or was not listening in time, before it served.',
    action: 'Read what it wrote before: a missing module, too little memory, a start longer than the limit.',
    status: 500,
    retry: 'later',
  },
  'config.not-configured': {
    meaning: 'A handler asked for a part (Postgres, sync, PHP sessions) that was not configured at start.',
    action: 'Give Fig the setting that the message names, or take the route out of the table.',
    status: 500,
    retry: 'never',
  },

  // the edge
  'edge.port-in-use': {
    meaning: 'The address to listen on is taken by another process.',
    action: 'Stop the other process or choose another port.',
    status: 500,
    retry: 'never',
  },
  'edge.listen-failed': {
    meaning: 'The listener could not be opened.',
    action: 'Check that the host belongs to this machine and that the port may be opened by this user.',
    status: 500,
    retry: 'never',
  },
  'edge.bad-request': {
    meaning: 'The request breaks the rules of HTTP, or could be read in two ways.',
    action: 'None at the server; the client has to send a valid request.',
    status: 400,
    retry: 'never',
  },
  'edge.body-too-large': {
    meaning: 'The request body is larger than the configured limit.',
    action: 'Raise the body limit if such uploads are wanted.',
    status: 413,
    retry: 'never',
  },
  'edge.expectation-failed': {
    meaning: 'The request expects something other than 100-continue.',
    action: 'None at the server.',
    status: 417,
    retry: 'never',
  },
  'edge.headers-too-large': {
    meaning: 'The request head is larger than the limit.',
    action: 'None at the server; often the cookies of the site have grown too large.',
    status: 431,
    retry: 'never',
  },
  'edge.method-not-allowed': {
    meaning: 'The request uses a method that is kept from the site.',
    action: 'None at the server.',
    status: 405,
    retry: 'never',
  },
  'edge.target-too-long': {
    meaning: 'The path and query of the request are longer than the limit.',
    action: 'None at the server; a form with this much to say should be sent by POST.',
    status: 414,
    retry: 'never',
  },
  'edge.request-timeout': {
    meaning: 'The client took too long to send its request.',
    action: 'None at the server.',
    status: 408,
    retry: 'at-once',
  },
  'edge.not-implemented': {
    meaning: 'The request uses a method or transfer coding that Fig does not carry.',
    action: 'None at the server.',
    status: 501,
    retry: 'never',
  },
  'edge.version-not-supported': {
    meaning: 'The request speaks a version of HTTP that Fig does not.',
    action: 'None at the server.',
    status: 505,
    retry: 'never',
  },
  'edge.draining': {
    meaning: 'This process is being stopped and takes no new requests.',
    action: 'None; the next process takes over.',
    status: 503,
    retry: 'at-once',
  },
  'edge.internal': {
    meaning: 'Something inside Fig went wrong.',
    action: 'Read the log line with this request id and report it.',
    status: 500,
    retry: 'later',
  },
  'edge.fault-injection-invalid': {
    meaning: 'A fault to inject is not written as it should be.',
    action:
      'Write route:latency=<ms>, route:error or route:cut=<bytes>, each with @<percent> if wanted; * is every route.',
    status: 500,
    retry: 'never',
  },
  'edge.fault-injected': {
    meaning: 'The request failed on purpose: a drill is running.',
    action: 'None; unset FIG_INJECT to end the drill.',
    status: 503,
    retry: 'later',
  },
  'edge.gone': {
    meaning: 'What was here was retired and is gone for good.',
    action: 'None; its route is retired in the route table.',
    status: 410,
    retry: 'never',
  },
  'edge.modern-failed': {
    meaning: 'A modern handler failed and PHP could not answer instead.',
    action: 'Read the cause in the log line with this request id; switch the route off if it repeats.',
    status: 500,
    retry: 'later',
  },

  // the legacy upstream
  'legacy.connect-failed': {
    meaning: 'No connection to the legacy site could be made.',
    action: 'Check that the legacy site runs and that its address is right.',
    status: 502,
    retry: 'later',
  },
  'legacy.connect-timeout': {
    meaning: 'Connecting to the legacy site took too long.',
    action: 'Check the network and the load of the legacy site.',
    status: 504,
    retry: 'later',
  },
  'legacy.spool-failed': {
    meaning: 'A chunked upload could not be written down on its way to php-fpm, which needs to know its length first.',
    action: 'Make room in the folder of FIG_SPOOL_DIR, or give one that Fig may write to.',
    status: 507,
    retry: 'later',
  },
  'legacy.first-byte-timeout': {
    meaning: 'The legacy site did not begin to answer in time.',
    action: 'Look for slow pages in the legacy site, or raise the first-byte timeout.',
    status: 504,
    retry: 'later',
  },
  'legacy.idle-timeout': {
    meaning: 'The legacy site stopped sending in the middle of its answer.',
    action: 'Look for a stuck script in the legacy site, or raise the idle timeout.',
    status: 504,
    retry: 'later',
  },
  'legacy.connection-lost': {
    meaning: 'The legacy site closed the connection before it answered.',
    action: 'Look at the legacy server log for a crashed worker.',
    status: 502,
    retry: 'later',
  },
  'legacy.answer-cut': {
    meaning: 'The legacy site broke off in the middle of its answer.',
    action: 'Look at the legacy server log for a crashed worker or a full disk.',
    status: 502,
    retry: 'never',
  },
  'legacy.answer-invalid': {
    meaning: 'The legacy site sent something that is not a valid HTTP answer.',
    action: 'Fetch the page directly from the legacy site and look at its head.',
    status: 502,
    retry: 'never',
  },
  'legacy.overloaded': {
    meaning: 'More requests wait for the legacy site than the queue holds.',
    action: 'Raise the concurrency if PHP has workers to spare; else find what is slow.',
    status: 503,
    retry: 'later',
  },
  'legacy.client-left': {
    meaning: 'The client left before the answer was complete.',
    action: 'None.',
    status: 499,
    retry: 'never',
  },
  'legacy.request-body-failed': {
    meaning: 'The client broke off in the middle of its request body.',
    action: 'None.',
    status: 400,
    retry: 'never',
  },

  // the route table and flags
  'routing.invalid-table': {
    meaning: 'The route table is wrong; the message lists every problem.',
    action: 'Correct each route that the message names.',
    status: 500,
    retry: 'never',
  },
  'flags.unavailable': {
    meaning: 'No flag state could be had from the server, the backup file or the bootstrap.',
    action: 'Check the address and the token of the flag server; routes take their declared side until then.',
    status: 503,
    retry: 'later',
  },

  // the kill switch, overrides and pins
  'controls.kill-refused': {
    meaning: 'A kill or an undo makes no sense as it was given; nothing was changed.',
    action: 'Correct what the message names.',
    status: 422,
    retry: 'never',
  },
  'controls.store-failed': {
    meaning: 'A kill, an undo or the history could not be carried to or from Postgres.',
    action: 'Check Postgres, look at the history for what was stored, then repeat it.',
    status: 503,
    retry: 'later',
  },
  'controls.key-refused': {
    meaning: 'A key for signing overrides and pins is missing or unsafe.',
    action: 'Make a secret with the command that the message gives, and set it.',
    status: 500,
    retry: 'never',
  },
  'controls.token-refused': {
    meaning: 'An override or a pin was asked for that may not be signed.',
    action: 'Correct what the message names.',
    status: 422,
    retry: 'never',
  },

  // the PHP bridge
  'php.session-unreadable': {
    meaning: 'A PHP session file is there but could not be read or decoded.',
    action: "Check that Fig's user may read PHP's session.save_path, and that session.serialize_handler is php.",
    status: 500,
    retry: 'later',
  },

  // the databases and sync
  'database.unreachable': {
    meaning: 'A database could not be reached.',
    action: 'Check that it runs and that its address, user and password are right.',
    status: 503,
    retry: 'later',
  },
  'database.schema-newer': {
    meaning: "Fig's schema in the database was made by a newer version of Fig.",
    action: 'Start the newer version.',
    status: 500,
    retry: 'never',
  },
  'sync.invalid-mapping': {
    meaning: 'The mapping of the tables is wrong; the message lists every problem.',
    action: 'Correct each table and column that the message names.',
    status: 500,
    retry: 'never',
  },
  'sync.unsuitable-source': {
    meaning: 'MySQL is not set up so that its changes can be followed.',
    action: 'Set the server variables that the message names.',
    status: 500,
    retry: 'never',
  },
  'sync.conflict': {
    meaning: 'A row was changed by somebody else in the meantime.',
    action: 'None if rare: the write is refused and can be repeated.',
    status: 409,
    retry: 'at-once',
  },
  'sync.stale': {
    meaning: 'The follower did not catch up with the owner in time.',
    action: 'Look at the lag metrics and at the capture log.',
    status: 503,
    retry: 'later',
  },
  'sync.value-refused': {
    meaning: 'A value cannot be carried between the two databases.',
    action: "Correct the row, or declare a policy for the column in the table's mapping.",
    status: 422,
    retry: 'never',
  },
  'sync.stopped': {
    meaning: 'Following the changes of a group was stopped.',
    action: 'Read the cause; correct it; start the group again.',
    status: 503,
    retry: 'later',
  },
  'sync.write-refused': {
    meaning: "A handler wrote something that cannot be carried to the group's owner; nothing was written.",
    action:
      'Change the handler as the message says: only mapped tables of its group, and ids as the owner allocates them.',
    status: 500,
    retry: 'never',
  },
  'sync.outcome-unknown': {
    meaning: 'The connection broke at the commit: whether it happened is not known yet.',
    action: 'None: the capture stream settles it. Do not repeat the write blindly.',
    status: 503,
    retry: 'never',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue

export interface AppErrorOptions {
  readonly cause?: unknown
  /** Facts for the log line; never secrets, bodies or SQL parameters. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

/** An error that an operator can look up. `message` says what and where; the catalogue says what to do. */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AppError'
  readonly code: Code
  readonly facts: Readonly<Record<string, string | number | boolean>>

  constructor(code: Code, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.facts = options.facts ?? {}
  }

  get entry(): ErrorEntry {
    return errorCatalogue[this.code]
  }

  get status(): number {
    return this.entry.status
  }

  get action(): string {
    return this.entry.action
  }

  get retry(): RetryClass {
    return this.entry.retry
  }
}

export function isAppError<Code extends ErrorCode>(error: unknown, code: Code): error is AppError<Code>
export function isAppError(error: unknown): error is AppError
export function isAppError(error: unknown, code?: ErrorCode): boolean {
  return error instanceof AppError && (code === undefined || error.code === code)
}
