import type { ClientBase } from 'pg'
import { quotePostgresName } from '../db/index.ts'
import { AppError } from '../platform/index.ts'
import type { KillRequest, UndoRequest } from './kill-request.ts'
import type { ActiveKill, KillScope } from './kill-state.ts'

/** One line of the audit. An undo repeats scope and target of the kill that it undoes. */
export interface ControlEvent extends ActiveKill {
  readonly action: 'kill' | 'undo'
  /** Of an undo: the kill's id. */
  readonly undoes: number | undefined
  /** Of a kill: the undo's id. */
  readonly undoneBy: number | undefined
}

/** What is in force, as one statement saw it. */
export interface StoredState {
  readonly epoch: number
  readonly kills: readonly ActiveKill[]
}

/** Where changes are announced; the payload is the schema, as one database may hold several Figs. */
export const controlsChannel = 'fig_controls'

/**
 * Looked for first: a user without the right to create tables can start once an administrator has made it, and a standby that
 * takes no writes can still be read. A later change of these tables belongs into the list of migrations in src/db.
 */
export async function ensureEventTable(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ present: boolean }>('select to_regclass($1) is not null as present', [
    tableOf(schema),
  ])
  if (rows[0]?.present === true) return
  await inTransaction(client, async () => {
    // The lock of the migrations: processes that start at once make the schema one after the other.
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema}/migrate`])
    const again = await client.query<{ present: boolean }>('select to_regclass($1) is not null as present', [
      tableOf(schema),
    ])
    if (again.rows[0]?.present !== true) await client.query(definitionOf(schema))
  })
}

export async function readState(client: ClientBase, schema: string): Promise<StoredState> {
  const { rows } = await client.query<{ epoch: string; kills: string }>(
    `select coalesce((select max(id) from ${tableOf(schema)}), 0) as epoch,
            coalesce((select json_agg(json_build_object('id', id, 'at', ${isoTime}, 'who', who, 'why', why,
                                                        'scope', scope, 'target', target) order by id)
                      from ${tableOf(schema)} k where ${isActive(schema)}), '[]') as kills`,
  )
  const row = rows[0]
  if (row === undefined) throw new Error('Postgres answered a query for one row with none')
  const kills = JSON.parse(row.kills) as readonly (Omit<ActiveKill, 'target'> & { readonly target: string | null })[]
  return { epoch: Number(row.epoch), kills: kills.map((kill) => ({ ...kill, target: kill.target ?? undefined })) }
}

export async function storeKill(client: ClientBase, schema: string, request: KillRequest): Promise<ControlEvent> {
  return inTransaction(client, async () => {
    await lockEvents(client, schema)
    if (request.scope !== 'all') await refuseTooMany(client, schema)
    const event = { action: 'kill', scope: request.scope, target: request.target, undoes: undefined } as const
    return insert(client, schema, { ...event, who: request.who, why: request.why })
  })
}

export async function storeUndo(
  client: ClientBase,
  schema: string,
  what: number | 'last',
  request: UndoRequest,
): Promise<ControlEvent> {
  return inTransaction(client, async () => {
    await lockEvents(client, schema)
    const kill = what === 'last' ? await latestActive(client, schema) : await activeById(client, schema, what)
    const { scope, target } = kill
    return insert(client, schema, { action: 'undo', scope, target, undoes: kill.id, ...request })
  })
}

/** Newest first. */
export async function readHistory(client: ClientBase, schema: string, limit: number): Promise<readonly ControlEvent[]> {
  return select(client, schema, 'order by k.id desc limit $1', [limit])
}

// --- internal ---

/** Against a script that kills in a loop. A kill of all is never refused. */
const activeKillsMax = 1000

const isoTime = `to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

interface EventRow {
  readonly id: string
  readonly at: string
  readonly who: string
  readonly why: string
  readonly action: 'kill' | 'undo'
  readonly scope: KillScope
  readonly target: string | null
  readonly undoes: string | null
  readonly undone_by: string | null
}

function tableOf(schema: string): string {
  return `${quotePostgresName(schema)}.control_events`
}

function definitionOf(schema: string): string {
  const table = tableOf(schema)
  const refusal = `${quotePostgresName(schema)}.refuse_to_change_control_events`
  return `
    create schema if not exists ${quotePostgresName(schema)};
    create table ${table} (
      id bigserial primary key,
      at timestamptz not null default clock_timestamp(),
      who text not null check (who <> ''),
      why text not null check (why <> ''),
      action text not null check (action in ('kill', 'undo')),
      scope text not null check (scope in ('all', 'group', 'side')),
      target text,
      undoes bigint unique references ${table} (id),
      check ((scope = 'all') = (target is null)),
      check (scope <> 'side' or target in ('legacy', 'modern')),
      check ((action = 'undo') = (undoes is not null)));
    create function ${refusal}() returns trigger language plpgsql as $$
      begin raise exception 'the history of the kill switch is only added to'; end $$;
    create trigger append_only before update or delete or truncate on ${table}
      for each statement execute function ${refusal}();`
}

function isActive(schema: string): string {
  return `k.action = 'kill' and not exists (select from ${tableOf(schema)} u where u.undoes = k.id)`
}

/**
 * Held until the commit can be seen: ids become visible in their order, so that an epoch, once seen, never gets a sibling
 * below it. Readers don't wait.
 */
async function lockEvents(client: ClientBase, schema: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema}/controls`])
}

async function insert(
  client: ClientBase,
  schema: string,
  event: Pick<ControlEvent, 'action' | 'who' | 'why' | 'scope' | 'target' | 'undoes'>,
): Promise<ControlEvent> {
  const { rows } = await client.query<{ id: string; at: string }>(
    `insert into ${tableOf(schema)} (who, why, action, scope, target, undoes) values ($1, $2, $3, $4, $5, $6)
     returning id, ${isoTime} as at`,
    [event.who, event.why, event.action, event.scope, event.target ?? null, event.undoes ?? null],
  )
  await client.query('select pg_notify($1, $2)', [controlsChannel, schema])
  const row = rows[0]
  if (row === undefined) throw new Error('Postgres stored an event and did not return it')
  return { ...event, id: Number(row.id), at: row.at, undoneBy: undefined }
}

async function refuseTooMany(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ active: string }>(
    `select count(*) as active from ${tableOf(schema)} k where ${isActive(schema)}`,
  )
  if (Number(rows[0]?.active) < activeKillsMax) return
  throw new AppError(
    'controls.kill-refused',
    `the kill was not stored: ${activeKillsMax} kills are in force already; undo those that have had their day, or kill all`,
  )
}

async function latestActive(client: ClientBase, schema: string): Promise<ControlEvent> {
  const [kill] = await select(client, schema, `where ${isActive(schema)} order by k.id desc limit 1`, [])
  if (kill !== undefined) return kill
  throw new AppError('controls.kill-refused', 'nothing was undone: no kill is in force; there is nothing to do')
}

async function activeById(client: ClientBase, schema: string, id: number): Promise<ControlEvent> {
  const [event] = await select(client, schema, 'where k.id = $1', [id])
  if (event?.action === 'kill' && event.undoneBy === undefined) return event
  throw new AppError('controls.kill-refused', `nothing was undone: ${await reasonNot(client, schema, id, event)}`)
}

async function reasonNot(client: ClientBase, schema: string, id: number, event?: ControlEvent): Promise<string> {
  if (event === undefined) return `there is no event ${id}; look the id up in the history`
  if (event.action === 'undo') return `event ${id} is an undo itself, of ${event.undoes}; kill anew instead`
  const [undo] = await select(client, schema, 'where k.id = $1', [event.undoneBy])
  return `kill ${id} was undone at ${undo?.at} by ${undo?.who} (${undo?.why}); there is nothing to do`
}

async function select(
  client: ClientBase,
  schema: string,
  rest: string,
  values: readonly unknown[],
): Promise<readonly ControlEvent[]> {
  const { rows } = await client.query<EventRow>(
    `select k.id, ${isoTime} as at, k.who, k.why, k.action, k.scope, k.target, k.undoes,
            (select u.id from ${tableOf(schema)} u where u.undoes = k.id) as undone_by
     from ${tableOf(schema)} k ${rest}`,
    [...values],
  )
  return rows.map(({ id, target, undoes, undone_by, ...row }) => ({
    ...row,
    id: Number(id),
    target: target ?? undefined,
    undoes: undoes === null ? undefined : Number(undoes),
    undoneBy: undone_by === null ? undefined : Number(undone_by),
  }))
}

async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => undefined) // the connection is gone, and the transaction with it
    throw error
  }
}
