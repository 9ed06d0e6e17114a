import type { ClientBase, Pool } from 'pg'
import { quotePostgresName } from '../db/index.ts'
import { AppError } from '../platform/index.ts'
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
    await db.query(`update ${this.#own}.groups set stopped = $2, updated_at = now() where name = $1`, [name, reason])
  }

  /** The rows are there as they were at `place`: from there on MySQL's changes are followed, under a new epoch. */
  async beginDual(db: Queryable, name: string, place: BinlogPlace): Promise<void> {
    await db.query(
      `with began as (
         update ${this.#own}.groups
            set phase = 'dual', owner = 'mysql', epoch = epoch + 1, stopped = null, backfilled_at = now(), updated_at = now()
          where name = $1 returning name, epoch)
       insert into ${this.#own}.checkpoints (group_name, epoch, gtid, file, file_offset)
       select name, epoch, $2, $3, $4 from began
       on conflict (group_name) do update
         set epoch = excluded.epoch, gtid = excluded.gtid, file = excluded.file, file_offset = excluded.file_offset,
             updated_at = now()`,
      [name, formatGtidPosition(place.position), place.file, place.fileOffset],
    )
  }

  /** @throws AppError 'sync.stopped' where a group's epoch is no longer the one that it was followed under */
  async saveCheckpoints(db: Queryable, groups: readonly FollowedGroup[], place: BinlogPlace): Promise<void> {
    const { rowCount } = await db.query({
      name: 'fig_save_checkpoints',
      text: `update ${this.#own}.checkpoints c
                set gtid = $3, file = $4, file_offset = $5, updated_at = now()
               from unnest($1::text[], $2::bigint[]) as followed (name, epoch)
              where c.group_name = followed.name and c.epoch = followed.epoch`,
      values: [
        groups.map(({ name }) => name),
        groups.map(({ epoch }) => epoch),
        formatGtidPosition(place.position),
        place.file,
        place.fileOffset,
      ],
    })
    if (rowCount !== groups.length) {
      throw new AppError(
        'sync.stopped',
        'a group was copied anew or changed hands; it is followed from its new position',
      )
    }
  }
}

/** MySQL owns it, and its changes come to Postgres. */
export function isFollowed({ owner, phase, stopped, checkpoint }: GroupState): boolean {
  return owner === 'mysql' && phase === 'dual' && stopped === undefined && checkpoint !== undefined
}

/** A group, and the epoch that it is followed under. */
export type FollowedGroup = Pick<GroupState, 'name' | 'epoch'>

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
