/**
 * How one column's values cross between MySQL and Postgres. Every value is carried as exact text, in one canonical form per
 * codec; both stores are compared in that form, so a value that both print differently ('1.50' and '1.5' seconds) is equal
 * when it means the same and only then.
 */
export interface Codec {
  readonly kind: string
  /** Legacy column types that this codec carries, as information_schema names them (`data_type`). */
  readonly legacyTypes: readonly string[]
  /** Modern column types that can hold every canonical value, without length: 'bigint', 'timestamp without time zone'. */
  readonly modernTypes: readonly string[]
  /** How canonical texts sort as the databases do, for walking both sides in key order; undefined: not usable as a key. */
  readonly order: 'number' | 'text' | 'bytes' | undefined
  /** True where the legacy column is NOT NULL but its "nothing" becomes null in Postgres. */
  readonly zeroIsNull: boolean
  /** A legacy value as drivers give it, never null, to canonical text. @throws ValueRefused */
  fromLegacy(value: LegacyValue): string | null
  /** Canonical to a MySQL literal. */
  toLegacy(canonical: string | null): string
  /** Text as Postgres prints it to canonical. Canonical text is always valid Postgres input. */
  fromModern(text: string): string
  /** The expression that reads the legacy column without loss. */
  legacySelect(column: string): string
}

/** What mysql2 and the binlog reader hand out. `undefined` is the binlog reader's enum index 0. */
export type LegacyValue = string | number | Buffer | undefined

/** A value that cannot be carried both ways. Says why; whoever catches it knows table, column and key. */
export class ValueRefused extends Error {
  override readonly name = 'ValueRefused'
}

/** A column of a mapping: its codec, and how it differs from "same name, plain value". */
export interface ColumnMapping extends Codec {
  /** The legacy column's name where it differs from the modern one. */
  readonly legacy: string | undefined
  /** Applied as a difference, so that increments from both sides add up. */
  readonly counter: boolean
}

export interface ColumnOptions {
  readonly legacy?: string
}

export interface CounterOptions extends ColumnOptions {
  readonly counter?: boolean
}

/** `null`: MySQL's zero date becomes null and back; only for NOT NULL columns, where null means nothing else. */
export interface DateOptions extends ColumnOptions {
  readonly zero?: 'null'
}
