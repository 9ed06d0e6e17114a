import type { ClientBase, Pool } from 'pg'
import { quotePostgresName } from '../db/index.ts'
import { formatGtidPosition, type GtidPosition, parseGtidPosition } from './capture/gtid.ts'
import type { Owner, Phase } from './sync.ts'

/** A group as Postgres knows it. */
export interface GroupState {
  readonly name: string
  readonly phase: Phase
  readonly owner: Owner
  readonly epoch: string
  readonly stopped: string | undefined
  /** Up to where Postgres holds the group's changes; undefined before its backfill. */
  readonly checkpoint: GtidPosition | undefined
}

export interface BinlogPlace {
  readonly position: GtidPosition
  readonly file: string
  readonly fileOffset: number
}

type Queryable = ClientBase | Pool

/** What is stored about groups. Every method is one statement, run on the given connection and so in its transaction. */
export class GroupStore {
  readonly #own: string

  constructor(ownSchema: string) {
    this.#own = quotePostgresName(ownSchema)
  }

  async ensure(db: Queryable, names: readonly string[]): Promise<void> {
    await db.query(`insert into ${this.#own}.groups (name) select unnest($1::text[]) on conflict (name) do nothing`, [
      names,
    ])
  }

  async list(db: Queryable, names: readonly string[]): Promise<readonly GroupState[]> {
    const { rows } = await db.query<GroupRow>(
      `select g.name, g.phase, g.owner, g.epoch::text as epoch, g.stopped, c.gtid
         from ${this.#own}.groups g left join ${this.#own}.checkpoints c on c.group_name = g.name
        where g.name = any($1::text[]) order by g.name`,
      [names],
    )
    return rows.map(groupState)
  }

  async stop(db: Queryable, name: string, reason: string): Promise<void> {
    await db.query(
      `update ${this.#own}.groups set stopped = $2, updated_at = now() where name = $1 and stopped is null`,
      [name, reason],
    )
  }

  /** The rows are there: from here on MySQL's changes are followed. */
  async beginDual(db: Queryable, name: string): Promise<void> {
    await db.query(
      `update ${this.#own}.groups
          set phase = 'dual', owner = 'mysql', epoch = epoch + 1, stopped = null, backfilled_at = now(), updated_at = now()
        where name = $1`,
      [name],
    )
  }

  async saveCheckpoints(db: Queryable, names: readonly string[], place: BinlogPlace): Promise<void> {
    await db.query({
      name: 'fig_save_checkpoints',
      text: `insert into ${this.#own}.checkpoints (group_name, gtid, file, file_offset)
             select unnest($1::text[]), $2, $3, $4
             on conflict (group_name) do update
               set gtid = excluded.gtid, file = excluded.file, file_offset = excluded.file_offset, updated_at = now()`,
      values: [names, formatGtidPosition(place.position), place.file, place.fileOffset],
    })
  }
}

/** Tells other processes that the groups have changed; followers read them again. */
export const groupsChannel = 'fig_groups'

// --- internal ---

interface GroupRow {
  readonly name: string
  readonly phase: Phase
  readonly owner: Owner
  readonly epoch: string
  readonly stopped: string | null
  readonly gtid: string | null
}

function groupState(row: GroupRow): GroupState {
  return {
    name: row.name,
    phase: row.phase,
    owner: row.owner,
    epoch: row.epoch,
    stopped: row.stopped ?? undefined,
    checkpoint: row.gtid === null ? undefined : parseGtidPosition(row.gtid),
  }
}
