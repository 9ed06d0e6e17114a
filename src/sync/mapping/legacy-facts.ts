import type { RowDataPacket } from 'mysql2/promise'
import type { Mysql } from '../../db/index.ts'

/** What MySQL's information_schema says about the mapped tables. */
export interface LegacyFacts {
  readonly tables: ReadonlyMap<string, LegacyTableFacts>
  readonly foreignKeys: readonly LegacyForeignKey[]
}

export interface LegacyTableFacts {
  readonly engine: string
  readonly rowsEstimate: number
  readonly columns: ReadonlyMap<string, LegacyColumnFacts>
  /** Column lists of the primary key and of unique keys without nullable columns. */
  readonly uniqueKeys: readonly (readonly string[])[]
}

export interface LegacyColumnFacts {
  readonly dataType: string
  /** 'bigint(20) unsigned', 'decimal(10,3)' */
  readonly columnType: string
  readonly nullable: boolean
  readonly charset: string | undefined
  readonly characters: number | undefined
  readonly fractionDigits: number | undefined
  readonly generated: boolean
  readonly autoIncrement: boolean
}

export interface LegacyForeignKey {
  readonly child: string
  readonly parent: string
  readonly columns: readonly { readonly child: string; readonly parent: string }[]
  readonly onDelete: string
  readonly onUpdate: string
}

export async function readLegacyFacts(db: Mysql): Promise<LegacyFacts> {
  const [tables, columns, keys, references] = await Promise.all([
    select(db, 'select table_name, engine, table_rows from information_schema.tables where table_schema = ?'),
    select(
      db,
      `select table_name, column_name, data_type, column_type, is_nullable, character_set_name, character_maximum_length,
              datetime_precision, extra
         from information_schema.columns where table_schema = ? order by table_name, ordinal_position`,
    ),
    select(
      db,
      `select table_name, index_name, column_name, nullable, sub_part from information_schema.statistics
        where table_schema = ? and non_unique = 0 order by table_name, index_name, seq_in_index`,
    ),
    select(
      db,
      `select r.constraint_name, r.table_name, r.referenced_table_name, r.delete_rule, r.update_rule,
              k.column_name, k.referenced_column_name
         from information_schema.referential_constraints r
         join information_schema.key_column_usage k
           on k.constraint_schema = r.constraint_schema and k.constraint_name = r.constraint_name
              and k.table_name = r.table_name
        where r.constraint_schema = ? order by r.table_name, r.constraint_name, k.ordinal_position`,
    ),
  ])
  const columnsByTable = Map.groupBy(columns, (row) => text(row, 'table_name'))
  const keysByTable = Map.groupBy(keys, (row) => text(row, 'table_name'))
  return {
    tables: new Map(
      tables.map((row) => {
        const name = text(row, 'table_name')
        return [
          name,
          {
            engine: text(row, 'engine'),
            rowsEstimate: Number(row.table_rows ?? 0),
            columns: new Map(
              (columnsByTable.get(name) ?? []).map((column) => [text(column, 'column_name'), columnFacts(column)]),
            ),
            uniqueKeys: uniqueKeys(keysByTable.get(name) ?? []),
          },
        ]
      }),
    ),
    foreignKeys: foreignKeys(references),
  }
}

// --- internal ---

type Row = Readonly<Record<string, unknown>>

/** Column names of information_schema come in upper case from MySQL 8 and in lower case from MariaDB. */
async function select(db: Mysql, sql: string): Promise<readonly Row[]> {
  const [rows] = await db.pool.query<RowDataPacket[]>(sql, [db.schema])
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])))
}

function text(row: Row, name: string): string {
  return String(row[name] ?? '')
}

function optionalNumber(row: Row, name: string): number | undefined {
  return row[name] === null || row[name] === undefined ? undefined : Number(row[name])
}

function columnFacts(row: Row): LegacyColumnFacts {
  const extra = text(row, 'extra').toLowerCase()
  return {
    dataType: text(row, 'data_type').toLowerCase(),
    columnType: text(row, 'column_type').toLowerCase(),
    nullable: text(row, 'is_nullable') === 'YES',
    charset: row.character_set_name === null ? undefined : text(row, 'character_set_name'),
    characters: optionalNumber(row, 'character_maximum_length'),
    fractionDigits: optionalNumber(row, 'datetime_precision'),
    generated: extra.includes('generated'),
    autoIncrement: extra.includes('auto_increment'),
  }
}

function uniqueKeys(rows: readonly Row[]): readonly (readonly string[])[] {
  return [...Map.groupBy(rows, (row) => text(row, 'index_name')).values()]
    .filter((columns) => columns.every((row) => text(row, 'nullable') !== 'YES' && row.sub_part === null))
    .map((columns) => columns.map((row) => text(row, 'column_name')))
}

function foreignKeys(rows: readonly Row[]): readonly LegacyForeignKey[] {
  return [...Map.groupBy(rows, (row) => `${text(row, 'table_name')}/${text(row, 'constraint_name')}`).values()].map(
    (columns) => {
      const first = columns[0] ?? {}
      return {
        child: text(first, 'table_name'),
        parent: text(first, 'referenced_table_name'),
        columns: columns.map((row) => ({
          child: text(row, 'column_name'),
          parent: text(row, 'referenced_column_name'),
        })),
        onDelete: text(first, 'delete_rule'),
        onUpdate: text(first, 'update_rule'),
      }
    },
  )
}
