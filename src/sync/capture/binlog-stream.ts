import { randomInt } from 'node:crypto'
import ZongJi, {
  type AnyBinlogEvent,
  type DeleteRowsEvent,
  type QueryEvent,
  type TableMapEvent,
  type UpdateRowsEvent,
  type WriteRowsEvent,
} from '@vlasky/zongji'
import type { Mysql } from '../../db/index.ts'
import { AppError, isAppError } from '../../platform/index.ts'
import type { LegacyValue } from '../mapping/codec.ts'
import type { MappedTable, Mapping } from '../mapping/compile.ts'
import { imageFromLegacy, type LegacyRow, type RowChange, type RowImage, rowChange } from '../mapping/row-change.ts'
import { formatGtidPosition, type Gtid, type GtidPosition, parseGtid } from './gtid.ts'
import { decodeWindows1252 } from './latin1.ts'
import { statementEffect } from './statement.ts'

/** One MySQL transaction as Postgres is to see it. Transactions of other tables come too, empty: they move the position. */
export interface CapturedTransaction {
  readonly gtid: Gtid
  readonly file: string
  readonly fileOffset: number
  /** Fig's own id where a handler's transaction wrote it. */
  readonly transactionId: string | undefined
  readonly changes: readonly RowChange[]
  /** Groups that cannot be followed past this transaction, and why. */
  readonly stops: readonly GroupStop[]
}

export interface GroupStop {
  readonly group: string
  readonly reason: string
}

export interface BinlogStreamOptions {
  readonly mysql: Mysql
  readonly mapping: Mapping
  readonly ownSchema: string
  readonly from: GtidPosition
  readonly silenceTimeoutMs: number
  readonly onTransaction: (transaction: CapturedTransaction) => void
  /** The stream has ended and must be opened anew. */
  readonly onLost: (error: Error) => void
}

export interface BinlogStream {
  pause(): void
  resume(): void
  close(): Promise<void>
}

/**
 * Reads the binlog from a position on. One stream lives as long as its connection: after a loss a new one is opened, since the
 * reader keeps state of the lost connection. Events of other schemas are dropped before their rows are decoded.
 */
export function openBinlogStream(options: BinlogStreamOptions): BinlogStream {
  const { mysql, mapping, ownSchema, from } = options
  const { database: _legacySchema, ...connectionOptions } = mysql.connectionOptions
  const reader = new ZongJi(connectionOptions)
  let ended = false
  const lose = (error: Error) => {
    if (ended) return
    ended = true
    clearInterval(watchdog)
    options.onLost(error)
  }
  const assembler = new TransactionAssembler(options, reader)
  reader.on('binlog', (event: AnyBinlogEvent) => {
    if (ended) return
    try {
      assembler.take(event)
    } catch (error) {
      lose(error instanceof Error ? error : new Error(String(error)))
    }
  })
  reader.on('error', lose)
  reader.start({
    gtidSet: formatGtidPosition(from),
    // Two readers with one id throw each other out.
    serverId: randomInt(2 ** 31, 2 ** 32 - 1),
    includeEvents: [...includedEvents],
    includeSchema: { [mysql.schema]: [...mapping.byLegacy.keys()], [ownSchema]: ['transactions'] },
  })
  // Queued before the dump command: the server speaks up now and then, so that silence means a dead link.
  reader.connection?.query(`SET @master_heartbeat_period = ${Math.round((options.silenceTimeoutMs / 5) * 1e6)}`)
  const watchdog = watchForSilence(reader, options.silenceTimeoutMs, lose)
  return {
    pause: () => reader.connection?.pause(),
    resume: () => reader.connection?.resume(),
    close: () =>
      closeReader(reader, () => {
        ended = true
        clearInterval(watchdog)
      }),
  }
}

/** The server no longer has what comes after the position, or is not the server that the position is from. */
export function isPositionLost(error: unknown): boolean {
  const number = error instanceof Error && 'errno' in error ? error.errno : undefined
  return number === 1236 || number === 1945 || number === 1955
}

// --- internal ---

const includedEvents = [
  'mariadbgtid',
  'tablemap',
  'writerows',
  'updaterows',
  'deleterows',
  'xid',
  'query',
  'xaprepare',
  'heartbeat',
  'unknown',
] as const

const unreadable =
  'the binary log holds an event that cannot be read: LOAD DATA in statement format, or rows in a newer format'

type RowEvent = WriteRowsEvent | UpdateRowsEvent | DeleteRowsEvent

/** Turns events into transactions. Lives as long as one stream. */
class TransactionAssembler {
  readonly #options: BinlogStreamOptions
  readonly #reader: ZongJi
  readonly #tables: ReadonlyMap<string, MappedTable>
  readonly #legacyNames: readonly string[]
  readonly #windows1252 = new Map<number, readonly string[]>()
  #gtid: Gtid | undefined
  #standalone = false
  #transactionId: string | undefined
  #changes: RowChange[] = []
  #stops: GroupStop[] = []
  #sawStatement = false
  #sawUnknown = false

  constructor(options: BinlogStreamOptions, reader: ZongJi) {
    this.#options = options
    this.#reader = reader
    this.#tables = options.mapping.byLegacy
    this.#legacyNames = [...options.mapping.byLegacy.keys()]
  }

  take(event: AnyBinlogEvent): void {
    switch (event.getTypeName()) {
      case 'MariadbGtid': {
        const { gtid, standalone } = event as AnyBinlogEvent & { gtid: string; standalone: boolean }
        // Something ended without a mark of its own: an unknown kind of group. Its rows, if any, still count.
        if (this.#gtid !== undefined) this.#complete(event)
        this.#sawUnknown = false
        this.#gtid = parseGtid(gtid)
        this.#standalone = standalone
        return
      }
      case 'TableMap':
        this.#readAsBytes(event as TableMapEvent)
        return
      case 'WriteRows':
      case 'UpdateRows':
      case 'DeleteRows':
        this.#rows(event as RowEvent)
        return
      case 'Query':
        this.#query(event as QueryEvent)
        return
      case 'Unknown':
        this.#sawUnknown = true
        return
      case 'XaPrepare':
        this.#stopConcerned('XA transactions cannot be followed')
        this.#complete(event)
        return
      case 'Xid':
        this.#complete(event)
        return
      default:
        return
    }
  }

  /** The reader's latin1 loses five bytes that MySQL keeps: take the bytes, and decode them here. */
  #readAsBytes(event: TableMapEvent): void {
    const columns = this.#reader.tableMap[event.tableId]?.columns ?? []
    const affected = columns.filter((column) => column.charset === 'latin1')
    for (const column of affected) column.charset = 'binary'
    const names = columns.filter((column) => column.charset === 'binary').map((column) => column.name)
    this.#windows1252.set(event.tableId, names)
  }

  #rows(event: RowEvent): void {
    const source = this.#reader.tableMap[event.tableId]
    if (source === undefined) throw new Error(`rows of an unknown table (number ${event.tableId}) in the binlog`)
    if (source.parentSchema === this.#options.ownSchema) {
      if (event.getTypeName() === 'WriteRows')
        this.#transactionId = String((event.rows[0] as LegacyRow | undefined)?.id)
      return
    }
    const table = this.#tables.get(source.tableName)
    if (table === undefined) return
    const latin1 = this.#windows1252.get(event.tableId) ?? []
    const image = (row: unknown): RowImage => imageFromLegacy(table, decoded(row as LegacyRow, latin1))
    try {
      for (const row of event.rows) this.#changes.push(changeOf(event.getTypeName(), table, row, image))
    } catch (error) {
      if (!isAppError(error)) throw error
      this.#stops.push({ group: table.group, reason: error.message })
    }
  }

  #query(event: QueryEvent): void {
    const text = event.query.trim()
    if (/^(COMMIT|ROLLBACK)$/i.test(text)) {
      this.#complete(event)
      return
    }
    this.#sawStatement = true
    const effect = statementEffect(text, event.schema, this.#options.mysql.schema, this.#legacyNames)
    for (const name of effect?.tables ?? []) {
      const group = this.#tables.get(name)?.group
      if (group !== undefined) this.#stops.push({ group, reason: `${effect?.verb.toUpperCase()} on ${name}` })
    }
    if (this.#standalone) this.#complete(event)
  }

  #stopAll(reason: string): void {
    for (const group of this.#options.mapping.groups.keys()) this.#stops.push({ group, reason })
  }

  #stopConcerned(reason: string): void {
    for (const group of new Set(this.#changes.map(({ table }) => table.group))) this.#stops.push({ group, reason })
  }

  #complete(event: AnyBinlogEvent): void {
    const gtid = this.#gtid
    if (gtid === undefined) return
    // Variables and random seeds come before the statement that uses them; anything else may hide changes.
    if (this.#sawUnknown && !this.#sawStatement) this.#stopAll(unreadable)
    const transaction: CapturedTransaction = {
      gtid,
      file: this.#reader.options.filename ?? '',
      fileOffset: event.nextPosition,
      transactionId: this.#transactionId,
      changes: this.#changes,
      stops: this.#stops,
    }
    this.#gtid = undefined
    this.#standalone = false
    this.#sawStatement = false
    this.#sawUnknown = false
    this.#transactionId = undefined
    this.#changes = []
    this.#stops = []
    this.#options.onTransaction(transaction)
  }
}

function changeOf(type: string, table: MappedTable, row: unknown, image: (row: unknown) => RowImage): RowChange {
  if (type === 'WriteRows') return rowChange(table, undefined, image(row))
  if (type === 'DeleteRows') return rowChange(table, image(row), undefined)
  const { before, after } = row as { before: unknown; after: unknown }
  return rowChange(table, image(before), image(after))
}

function decoded(row: LegacyRow, latin1: readonly string[]): LegacyRow {
  if (latin1.length === 0) return row
  const copy: Record<string, LegacyValue | null> = { ...row }
  for (const name of latin1) {
    const value = copy[name]
    if (typeof value === 'string') copy[name] = decodeWindows1252(value)
  }
  return copy
}

function watchForSilence(reader: ZongJi, timeoutMs: number, lose: (error: Error) => void): NodeJS.Timeout {
  let lastBytes = -1
  let heardAt = performance.now()
  const timer = setInterval(() => {
    // Bytes, not events: a long transaction of other tables is read without one event.
    const bytes = (reader.connection as unknown as { stream?: { bytesRead?: number } } | null)?.stream?.bytesRead ?? 0
    if (bytes !== lastBytes) heardAt = performance.now()
    lastBytes = bytes
    if (performance.now() - heardAt > timeoutMs) {
      lose(new AppError('database.unreachable', 'the binlog connection fell silent'))
    }
  }, timeoutMs / 5)
  timer.unref()
  return timer
}

function closeReader(reader: ZongJi, before: () => void): Promise<void> {
  before()
  return new Promise((resolve) => {
    reader.once('stopped', () => resolve())
    // Late errors of a connection that is being torn down.
    reader.on('error', () => {})
    reader.stop()
  })
}
