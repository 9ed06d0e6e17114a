import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'
import { type Postgres, postgresProblem, quotePostgresText } from '../db/index.ts'
import { coversAll, formatGtidPosition, type GtidPosition } from './capture/gtid.ts'
import { within } from './freshness.ts'
import { type GroupState, type GroupStore, isFollowed } from './groups.ts'
import type { WaitablePosition } from './waitable-position.ts'
import { wantedPositionChannel } from './wanted-positions.ts'

/**
 * How far Postgres is, for a process that does not follow MySQL itself: the checkpoints, which the one that does commits with
 * the rows. Between relevant changes they stand still for up to a second; so who misses something there asks for it.
 *
 * On a connection of its own: transactions that wait here hold every connection of the pool when it matters.
 */
export class StoredPosition {
  readonly #postgres: Postgres
  readonly #groups: GroupStore
  readonly #names: readonly string[]
  #connecting: Promise<Client> | undefined
  #reading: Promise<readonly GroupState[]> | undefined
  #asked: { readonly target: GtidPosition; readonly sent: Promise<void> } | undefined
  #lastQuery: Promise<unknown> = Promise.resolve()

  constructor(postgres: Postgres, groups: GroupStore, names: readonly string[]) {
    this.#postgres = postgres
    this.#groups = groups
    this.#names = names
  }

  /** The position of some groups; never reached where one of them is not followed. */
  of(groups: ReadonlySet<string>): Pick<WaitablePosition, 'reached'> {
    return { reached: (target, options) => this.#reached(groups, target, options) }
  }

  async close(): Promise<void> {
    const client = await this.#connecting?.catch(() => undefined)
    await client?.end().catch(() => undefined)
  }

  // --- internal ---

  async #reached(
    groups: ReadonlySet<string>,
    target: GtidPosition,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    const deadline = performance.now() + options.timeoutMs
    for (let pauseMs = 0; ; pauseMs = Math.min(pauseMsMax, pauseMs + 1)) {
      const rest = { ...options, timeoutMs: deadline - performance.now() }
      if (options.signal?.aborted === true || rest.timeoutMs <= 0) return false
      const all = await within(this.#read(), rest)
      const states = all?.filter(({ name }) => groups.has(name)) ?? []
      if (states.length < groups.size || !states.every(isCarried)) return false
      if (states.every((state) => holds(state, target))) return true
      if (pauseMs === 0) await within(this.#askFor(target), rest)
      await delay(pauseMs)
    }
  }

  /** Callers at the same time share one query: what an answer says stays true. */
  #read(): Promise<readonly GroupState[]> {
    this.#reading ??= this.#query((client) => this.#groups.list(client, this.#names)).finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** Callers who have asked MySQL together have one target, and ask once. */
  #askFor(target: GtidPosition): Promise<void> {
    if (this.#asked?.target !== target) this.#asked = { target, sent: this.#sendWish(target) }
    return this.#asked.sent
  }

  async #sendWish(target: GtidPosition): Promise<void> {
    const text = quotePostgresText(formatGtidPosition(target))
    // Nothing is lost with it, so nobody waits for the disk.
    const statements = `begin; set local synchronous_commit = off; select pg_notify('${wantedPositionChannel}', ${text}); commit`
    await this.#query((client) => client.query(statements))
  }

  /** One after the other, as a connection takes them. */
  #query<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const query = this.#lastQuery.then(() => this.#run(work))
    this.#lastQuery = query.catch(() => undefined)
    return query
  }

  async #run<T>(work: (client: Client) => Promise<T>): Promise<T> {
    this.#connecting ??= this.#connect()
    const connecting = this.#connecting
    try {
      return await work(await connecting)
    } catch (error) {
      if (this.#connecting === connecting) this.#connecting = undefined
      void connecting.then((client) => client.end()).catch(() => undefined)
      throw postgresProblem(error, this.#postgres.place)
    }
  }

  async #connect(): Promise<Client> {
    const client = await this.#postgres.connect({ query_timeout: queryTimeoutMs })
    client.on('end', () => {
      this.#connecting = undefined
    })
    return client
  }
}

const pauseMsMax = 10
/** Of a server that has fallen silent; the connection is then given up. */
const queryTimeoutMs = 2000

function isCarried(group: GroupState): boolean {
  return group.owner === 'postgres' || isFollowed(group)
}

function holds({ owner, checkpoint }: GroupState, target: GtidPosition): boolean {
  return owner === 'postgres' || (checkpoint !== undefined && coversAll(checkpoint, target))
}
