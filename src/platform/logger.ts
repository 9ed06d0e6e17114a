import { Buffer } from 'node:buffer'
import { type DestinationStream, type LevelWithSilent, type Logger as PinoLogger, pino } from 'pino'
import { AppError } from './error-codes.ts'

export type Logger = PinoLogger

export interface LoggerOptions {
  readonly level?: LevelWithSilent
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream
  /** Number of the worker that writes, where there are several. */
  readonly worker?: number | undefined
}

export function createLogger(options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: options.worker === undefined ? null : { worker: options.worker },
    formatters: { level: (label: string) => ({ level: label }), log: redact },
    serializers: { err: describeError, error: describeError },
  }
  return pino(settings, options.destination ?? standardOutput())
}

/**
 * For the one line of every request: the caller writes the JSON of its fields itself, as a serializer that can take anything
 * costs a tenth of a forwarded request. What is written must not hold secrets: nothing looks for them here.
 * @returns undefined where such lines are not wanted
 */
export function infoLines(log: Logger): ((fields: string) => void) | undefined {
  if (!log.isLevelEnabled('info')) {
    return undefined
  }
  const stream = (log as unknown as Readonly<Record<symbol, DestinationStream>>)[pino.symbols.streamSym]
  const bound = JSON.stringify(log.bindings()).slice(1, -1)
  const prefix = bound === '' ? '' : `${bound},`
  return stream && ((fields) => stream.write(`{"level":"info","time":${Date.now()},${prefix}${fields}}\n`))
}

/** For tests and for parts that are built without a log. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}

// --- internal ---

/**
 * Lines are written in batches: one system call per line costs as much CPU as a tenth of a forwarded request. A line is on
 * its way after a tenth of a second at the latest, and the rest is written when the process ends (but not when it is
 * killed by SIGKILL). A reader that stops reading costs memory up to a bound, then lines; never the visitor's time.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false, maxLength: 64 * 1024 * 1024, contentMode: 'buffer' })
  let batch = Buffer.allocUnsafeSlow(batchBytes)
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  const writeOut = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (bytes > 0) {
      // The output keeps what it is given until it is written: the next batch has a buffer of its own.
      writeBytes(output, batch.subarray(0, bytes))
      batch = Buffer.allocUnsafeSlow(batchBytes)
      bytes = 0
    }
  }
  // Before pino's own listeners, which end the output.
  process.prependListener('beforeExit', writeOut)
  process.prependListener('exit', () => {
    writeOut()
    output.flushSync()
  })
  return {
    // pino's own batching measures the whole batch again at each line.
    write: (line) => {
      if (bytes + line.length * 3 > batchBytes) {
        writeOut()
      }
      if (line.length * 3 > batchBytes) {
        writeBytes(output, Buffer.from(line))
      } else {
        bytes += batch.write(line, bytes, 'utf8')
        timer ??= setTimeout(writeOut, batchMs).unref()
      }
    },
  }
}

const batchBytes = 64 * 1024
const batchMs = 100

/** In buffer mode the output takes buffers only; its type knows texts only. */
function writeBytes(output: { write(data: string): boolean }, bytes: Buffer): void {
  output.write(bytes as unknown as string)
}

const secretNames = new Set([
  'apikey',
  'api-key',
  'api_key',
  'x-api-key',
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwd',
  'secret',
  'token',
  'csrf',
])
const redacted = '[redacted]'
const redactDepthMax = 6

/**
 * Hides secrets by the name of the property at any depth, whatever its case. pino's own `redact` needs each path spelled out,
 * so a header object logged under a new name would pass it. Copies only what it has to change: most lines hold nothing secret.
 */
function redact(line: Record<string, unknown>): Record<string, unknown> {
  return redactRecord(line, 0)
}

function redactRecord(record: Record<string, unknown>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined
  for (const name in record) {
    const value = record[name]
    const replacement = secretNames.has(name.toLowerCase()) ? redacted : redactValue(value, depth + 1)
    if (replacement !== value) {
      copy ??= { ...record }
      copy[name] = replacement
    }
  }
  return copy ?? record
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) {
    return value
  }
  if (depth > redactDepthMax) {
    return '[too deep]'
  }
  if (Array.isArray(value)) {
    return redactArray(value, depth)
  }
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
    ? redactRecord(value as Record<string, unknown>, depth)
    : value
}

/** A list may be raw headers (name, value, name, value, …): a value that follows a secret's name is hidden too. */
function redactArray(list: readonly unknown[], depth: number): unknown {
  let copy: unknown[] | undefined
  for (let i = 0; i < list.length; i += 1) {
    const before = list[i - 1]
    const secret = typeof before === 'string' && secretNames.has(before.toLowerCase())
    const replacement = secret ? redacted : redactValue(list[i], depth + 1)
    if (replacement !== list[i]) {
      copy ??= [...list]
      copy[i] = replacement
    }
  }
  return copy ?? list
}

interface ErrorDescription {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly action?: string
  readonly facts?: Readonly<Record<string, string | number | boolean>>
  readonly stack?: string
  readonly cause?: ErrorDescription | string
}

const causeDepthMax = 5

/**
 * Only named fields are logged. Drivers hang the statement and its values on their errors (mysql2 `sql`, pg `detail`), and
 * DrizzleQueryError has the values in its message: none of that belongs in a log.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription | string {
  if (!(error instanceof Error)) {
    return typeof error === 'string' ? error : `thrown value of type ${typeof error}`
  }
  const message = messageWithoutParameters(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    type: error.constructor.name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(error instanceof AppError ? { action: error.action, facts: error.facts } : {}),
    ...(error.stack === undefined ? {} : { stack: framesOf(error.stack) }),
    ...(error.cause === undefined || depth >= causeDepthMax ? {} : { cause: describeError(error.cause, depth + 1) }),
  }
}

function messageWithoutParameters(error: Error): string {
  const message = 'params' in error && 'query' in error ? `Failed query: ${String(error.query)}` : error.message
  // MySQL quotes the offending value: "Duplicate entry 'x' for key …", "Incorrect datetime value: 'x' for column …".
  return 'sqlState' in error ? message.replace(/(entry|value:?) '(?:[^']|'(?! for ))*'/i, "$1 '…'") : message
}

/** The stack without its head: V8 repeats the message there. */
function framesOf(stack: string): string {
  const start = stack.indexOf('\n    at ')
  return start === -1 ? '' : stack.slice(start + 1)
}
