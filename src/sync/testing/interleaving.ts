import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import { type MysqlConnection, type MysqlPoolConnection, quoteMysqlName } from '../../db/index.ts'
import { applyTransactions } from '../apply/apply-transactions.ts'
import { type BinlogStream, type CapturedTransaction, openBinlogStream } from '../capture/binlog-stream.ts'
import { type GtidPosition, parseGtidPosition } from '../capture/gtid.ts'
import { GroupStore } from '../groups.ts'
import { compileMapping, type MappedTable, type Mapping } from '../mapping/compile.ts'
import { type RowChange, rowChange } from '../mapping/row-change.ts'
import { readOutbox } from '../outbox/read-outbox.ts'
import { transactionSetting } from '../outbox/triggers.ts'
import { guardedWrite, WriteConflict, writeStatement } from '../transaction/guarded-write.ts'
import { interference } from '../transaction/interference.ts'
import { WaitablePosition } from '../waitable-position.ts'
import { definition } from './specimens.ts'
import type { SyncStack } from './sync-stack.ts'

/** `design` is the product; each other variant leaves one part out, and must be seen to diverge. */
export type Variant = 'design' | 'without guard' | 'without barrier' | 'whole rows' | 'own twice'

/**
 * Random but repeatable interleavings of PHP writes, two handlers (with crashes between their two commits) and the applier, on
 * one row of the real stores, through the product's own parts. One step runs at a time, so locks are tracked, not waited for.
 */
export class Interleaving implements AsyncDisposable {
  readonly #stack: SyncStack
  readonly #mapping: Mapping = compileMapping(definition)
  readonly #captured = new WaitablePosition()
  readonly #stream: BinlogStream
  readonly #php: MysqlConnection
  readonly #writerMysql: MysqlConnection
  readonly #applier: Client
  readonly #writers: readonly [Writer, Writer]
  #pending: CapturedTransaction[] = []

  static async open(stack: SyncStack): Promise<Interleaving> {
    const [php, writerMysql, position] = await Promise.all([
      stack.mysql.connect(),
      stack.mysql.connect(),
      currentPosition(stack),
    ])
    const clients = await Promise.all([stack.postgres.connect(), stack.postgres.connect(), stack.postgres.connect()])
    return new Interleaving(stack, php, writerMysql, clients as [Client, Client, Client], position)
  }

  private constructor(
    stack: SyncStack,
    php: MysqlConnection,
    writerMysql: MysqlConnection,
    [applier, first, second]: readonly [Client, Client, Client],
    from: GtidPosition,
  ) {
    this.#stack = stack
    this.#php = php
    this.#writerMysql = writerMysql
    this.#applier = applier
    this.#writers = [newWriter(first), newWriter(second)]
    this.#captured.reset(from)
    this.#stream = openBinlogStream({
      mysql: stack.mysql,
      mapping: this.#mapping,
      ownSchema: stack.ownSchema,
      from,
      silenceTimeoutMs: 10_000,
      onTransaction: (transaction) => {
        if (transaction.changes.length > 0 || transaction.transactionId !== undefined) this.#pending.push(transaction)
        this.#captured.advance(transaction.gtid)
      },
      onLost: (error) => {
        throw error
      },
    })
  }

  /** Plays one seed on the author of that number; true when both stores agree in the end. */
  async agrees(seed: number, variant: Variant, steps = 45): Promise<boolean> {
    const random = mulberry32(seed)
    await this.#php.query(`insert into authors (id, name, visits) values (${seed}, '0', 0)`)
    await this.#captureAll()
    await this.#applyAll('design')
    for (let step = 0; step < steps; step += 1) {
      const pick = random()
      if (pick < 0.35) await this.#phpWrites(seed, random)
      else if (pick < 0.5) await this.#applierSteps(variant)
      else await this.#writerSteps(seed, this.#writers[random() < 0.5 ? 0 : 1], variant, random)
    }
    for (const writer of this.#writers) await finish(writer)
    await this.#applyAll(variant)
    const [legacy] = await this.#stack.legacyRows(
      `select name, cast(visits as char) as visits from authors where id = ${seed}`,
    )
    const [modern] = await this.#stack.modernRows(`select name, visits from authors where id = ${seed}`)
    return legacy?.name === modern?.name && legacy?.visits === modern?.visits
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.close()
    await Promise.all([
      this.#php.end(),
      this.#writerMysql.end(),
      this.#applier.end(),
      ...this.#writers.map(({ client }) => client.end()),
    ])
  }

  // --- internal ---

  async #phpWrites(id: number, random: () => number): Promise<void> {
    await this.#php.query(`update authors set ${assignment(random)} where id = ${id}`)
  }

  async #writerSteps(id: number, writer: Writer, variant: Variant, random: () => number): Promise<void> {
    switch (writer.step) {
      case 'idle':
        if (this.#writers.some(({ step }) => step !== 'idle')) return
        return this.#writerRuns(id, writer, random)
      case 'ran':
        return this.#writerCommitsMysql(writer, variant)
      case 'mysql-committed':
        if (random() < 0.25) await abandon(writer)
        else await finish(writer)
    }
  }

  async #writerRuns(id: number, writer: Writer, random: () => number): Promise<void> {
    const { client } = writer
    writer.id = randomUUID()
    await client.query(`begin; select set_config('${transactionSetting}', '${writer.id}', true);
      insert into "${this.#stack.ownSchema}".applied_transactions (id, origin) values ('${writer.id}', 'handler');
      update authors set ${assignment(random)} where id = ${id}`)
    writer.changes = await readOutbox(client, this.#mapping, this.#stack.ownSchema, writer.id)
    writer.step = 'ran'
    if (writer.changes.length === 0) await abandon(writer)
  }

  async #writerCommitsMysql(writer: Writer, variant: Variant): Promise<void> {
    const mysql = this.#writerMysql
    await mysql.query('start transaction')
    try {
      if (variant === 'without guard') {
        for (const change of writer.changes) await mysql.query(writeStatement(change))
      } else {
        await guardedWrite(mysql as unknown as MysqlPoolConnection, writer.changes)
      }
      await this.#captureAll()
      const checked = variant !== 'without guard' && variant !== 'without barrier'
      if (checked && interference(this.#pending, writer.changes) !== 'none') throw new WriteConflict('on their way')
      await mysql.query(
        `insert into ${quoteMysqlName(this.#stack.ownSchema)}.transactions (id) values ('${writer.id}')`,
      )
      await mysql.query('commit')
      writer.step = 'mysql-committed'
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error
      await mysql.query('rollback')
      await abandon(writer)
    }
  }

  async #applierSteps(variant: Variant): Promise<void> {
    await this.#captureAll()
    const [next] = this.#pending
    if (next === undefined) return
    const holder = this.#writers.find(({ step }) => step !== 'idle')
    // A handler that holds the row makes the applier wait, and so does one whose id it is about to insert.
    if (holder !== undefined) return
    this.#pending.shift()
    await this.#apply(next, variant)
  }

  async #applyAll(variant: Variant): Promise<void> {
    await this.#captureAll()
    for (const transaction of this.#pending) await this.#apply(transaction, variant)
    this.#pending = []
  }

  async #apply(transaction: CapturedTransaction, variant: Variant): Promise<void> {
    const changes = variant === 'whole rows' ? transaction.changes.flatMap(wholeRow) : transaction.changes
    await applyTransactions({
      client: this.#applier,
      mapping: this.#mapping,
      groups: new GroupStore(this.#stack.ownSchema),
      ownSchema: this.#stack.ownSchema,
      transactions: [{ ...transaction, changes, ...(variant === 'own twice' ? { transactionId: undefined } : {}) }],
      wanted: (_: CapturedTransaction, table: MappedTable) => table.name === 'authors',
      checkpointGroups: [],
      place: { position: new Map(), file: '', fileOffset: 0 },
      onConflict: () => {},
    })
  }

  async #captureAll(): Promise<void> {
    await this.#captured.reached(await currentPosition(this.#stack), { timeoutMs: 10_000 })
  }
}

interface Writer {
  readonly client: Client
  step: 'idle' | 'ran' | 'mysql-committed'
  id: string
  changes: readonly RowChange[]
}

function newWriter(client: Client): Writer {
  return { client, step: 'idle', id: '', changes: [] }
}

async function finish(writer: Writer): Promise<void> {
  if (writer.step === 'mysql-committed') await writer.client.query('commit')
  else if (writer.step === 'ran') await writer.client.query('rollback')
  writer.step = 'idle'
}

/** A crash, or a conflict: Postgres forgets. */
async function abandon(writer: Writer): Promise<void> {
  await writer.client.query('rollback')
  writer.step = 'idle'
}

/** Few values, so that they also come back to what they were. */
function assignment(random: () => number): string {
  return random() < 0.3 ? 'visits = visits + 1' : `name = '${Math.floor(random() * 3)}'`
}

/** The change as a naive applier sees it: the row as it is now, whatever it was. */
function wholeRow(change: RowChange): readonly RowChange[] {
  const { table, before, after } = change
  if (before === undefined || after === undefined) return [change]
  return [rowChange(table, before, undefined), rowChange(table, undefined, after)]
}

async function currentPosition(stack: SyncStack): Promise<GtidPosition> {
  const [row] = await stack.legacyRows('select @@global.gtid_binlog_pos as position')
  return parseGtidPosition(String(row?.position))
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
