import type { Codec, ColumnMapping, ColumnOptions, CounterOptions, DateOptions, LegacyValue } from './codec.ts'
import { ValueRefused } from './codec.ts'
import { canonicalDate, canonicalDateTime, isZeroDate } from './temporal.ts'
import { bytesLiteral, hexOf, numberLiteral, textLiteral, textOf, utf8Of } from './values.ts'

/** The declarations that a mapping is written with. Each name says what the legacy column holds. */
export const column = {
  /** Any integer type, unsigned too. MySQL's unsigned bigint needs numeric(20) in Postgres. */
  integer: (options: CounterOptions = {}) => mapped(integer, options),
  /** YEAR as smallint; 0 stays 0. */
  year: (options: ColumnOptions = {}) => mapped(year, options),
  decimal: (options: CounterOptions = {}) => mapped(decimal, options),
  /** FLOAT: the shortest text that gives the same 32 bits. */
  float: (options: ColumnOptions = {}) => mapped(float, options),
  double: (options: ColumnOptions = {}) => mapped(double, options),
  /** Text in any character set. A NUL byte, which Postgres text cannot hold, is refused. */
  text: (options: ColumnOptions = {}) => mapped(text, options),
  /** Text that may hold NUL, as its UTF-8 bytes in a bytea. */
  textAsBytes: (options: ColumnOptions = {}) => mapped(textAsBytes, options),
  /** BINARY, VARBINARY and BLOB. */
  bytes: (options: ColumnOptions = {}) => mapped(bytes, options),
  /** ENUM as text; the invalid value stays ''. */
  enumeration: (options: ColumnOptions = {}) => mapped(enumeration, options),
  /** SET as its comma-separated text. */
  set: (options: ColumnOptions = {}) => mapped(set, options),
  /** BIT(n) as bit(n). */
  bit: (length: number, options: ColumnOptions = {}) => mapped(bit(length), options),
  /** TINYINT or BIT(1) that holds 0 and 1 only; anything else is refused. */
  boolean: (options: ColumnOptions = {}) => mapped(boolean, options),
  /** DATETIME as timestamp, wall time as it stands. Impossible dates are refused: use dateTimeAsText where they occur. */
  dateTime: (options: DateOptions = {}) => mapped(dateTime(options), options),
  /** TIMESTAMP, an instant, as timestamptz. */
  timestamp: (options: DateOptions = {}) => mapped(timestamp(options), options),
  date: (options: DateOptions = {}) => mapped(date(options), options),
  /** DATETIME with NULL, zero and impossible dates side by side, as text. */
  dateTimeAsText: (options: ColumnOptions = {}) => mapped(asText('dateTimeAsText', ['datetime', 'timestamp']), options),
  dateAsText: (options: ColumnOptions = {}) => mapped(asText('dateAsText', ['date']), options),
  /** TIME, which runs to 838 hours, as text. */
  timeAsText: (options: ColumnOptions = {}) => mapped(asText('timeAsText', ['time']), options),
} as const

// --- internal ---

function mapped(codec: Codec, options: CounterOptions): ColumnMapping {
  return Object.freeze({ ...codec, legacy: options.legacy, counter: options.counter === true })
}

const same = (value: string) => value
const plainSelect = (name: string) => name

const integer: Codec = {
  kind: 'integer',
  legacyTypes: ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'],
  modernTypes: ['smallint', 'integer', 'bigint', 'numeric'],
  order: 'number',
  zeroIsNull: false,
  fromLegacy: (value) => matching(value, /^-?\d+$/, 'an integer'),
  toLegacy: (canonical) => numberLiteral(canonical),
  fromModern: same,
  legacySelect: plainSelect,
}

// The binlog carries years from 1900, so its 1900 is the year 0000; MySQL knows no year 1900.
const year: Codec = {
  ...integer,
  kind: 'year',
  legacyTypes: ['year'],
  modernTypes: ['smallint', 'integer'],
  fromLegacy: (value) => {
    const number = String(Number(matching(value, /^\d+$/, 'a year')))
    return number === '1900' ? '0' : number
  },
}

const decimal: Codec = {
  kind: 'decimal',
  legacyTypes: ['decimal'],
  modernTypes: ['numeric'],
  order: undefined,
  zeroIsNull: false,
  fromLegacy: (value) => canonicalDecimal(matching(value, /^-?\d*\.?\d+$/, 'a decimal')),
  toLegacy: (canonical) => numberLiteral(canonical),
  fromModern: (value) => (value === 'NaN' ? refuse('NaN') : value),
  legacySelect: plainSelect,
}

const double: Codec = {
  kind: 'double',
  legacyTypes: ['double'],
  modernTypes: ['double precision'],
  order: undefined,
  zeroIsNull: false,
  fromLegacy: (value) => finite(Number(textOf(value))),
  toLegacy: (canonical) => numberLiteral(canonical),
  fromModern: (value) => finite(Number(value)),
  legacySelect: plainSelect,
}

const float: Codec = {
  ...double,
  kind: 'float',
  legacyTypes: ['float'],
  modernTypes: ['real'],
  fromLegacy: (value) => shortestFloat(Number(textOf(value))),
  fromModern: (value) => shortestFloat(Number(value)),
  // FLOAT prints six digits only; as a double all its bits show.
  legacySelect: (name) => `cast(${name} as double)`,
}

const textTypes = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'json'] as const

const text: Codec = {
  kind: 'text',
  legacyTypes: textTypes,
  modernTypes: ['text', 'character varying', 'citext'],
  order: 'text',
  zeroIsNull: false,
  fromLegacy: (value) => {
    const content = textOf(value)
    return content.includes('\0') ? refuse('text with a NUL byte; map the column with textAsBytes') : content
  },
  toLegacy: (canonical) => (canonical === null ? 'NULL' : textLiteral(canonical)),
  fromModern: same,
  legacySelect: plainSelect,
}

const textAsBytes: Codec = {
  ...text,
  kind: 'textAsBytes',
  modernTypes: ['bytea'],
  order: undefined,
  fromLegacy: (value) => hexOf(Buffer.from(textOf(value), 'utf8')),
  toLegacy: (canonical) => (canonical === null ? 'NULL' : `convert(${bytesLiteral(canonical)} using utf8mb4)`),
  fromModern: (value) => hexOf(Buffer.from(utf8Of(value), 'utf8')),
}

const bytes: Codec = {
  kind: 'bytes',
  legacyTypes: ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'],
  modernTypes: ['bytea'],
  order: 'bytes',
  zeroIsNull: false,
  fromLegacy: (value) => (Buffer.isBuffer(value) ? hexOf(value) : refuse('text where bytes were expected')),
  toLegacy: (canonical) => (canonical === null ? 'NULL' : bytesLiteral(canonical)),
  fromModern: same,
  legacySelect: plainSelect,
}

const enumeration: Codec = {
  ...text,
  kind: 'enumeration',
  legacyTypes: ['enum'],
  order: undefined,
  fromLegacy: (value) => (value === undefined ? '' : text.fromLegacy(value)),
}

const set: Codec = { ...text, kind: 'set', legacyTypes: ['set'], order: undefined }

function bit(length: number): Codec {
  return {
    kind: 'bit',
    legacyTypes: ['bit'],
    modernTypes: ['bit'],
    order: undefined,
    zeroIsNull: false,
    fromLegacy: (value) => {
      if (!Buffer.isBuffer(value)) return refuse('no bits')
      const digits = [...value].map((byte) => byte.toString(2).padStart(8, '0')).join('')
      return digits.slice(-length).padStart(length, '0')
    },
    toLegacy: (canonical) => (canonical === null ? 'NULL' : `b'${checked(canonical, /^[01]+$/, 'bits')}'`),
    fromModern: same,
    legacySelect: plainSelect,
  }
}

const boolean: Codec = {
  kind: 'boolean',
  legacyTypes: ['tinyint', 'bit'],
  modernTypes: ['boolean'],
  order: undefined,
  zeroIsNull: false,
  fromLegacy: (value) => {
    const number = Buffer.isBuffer(value) ? value.toString('hex').replace(/^0+(?=.)/, '') : textOf(value)
    if (number === '0') return 'false'
    return number === '1' ? 'true' : refuse(`${number} where only 0 and 1 are declared; map the column with integer`)
  },
  toLegacy: (canonical) => (canonical === null ? 'NULL' : canonical === 'true' ? '1' : '0'),
  fromModern: (value) => (value === 't' || value === 'true' ? 'true' : 'false'),
  legacySelect: plainSelect,
}

function dateTime(options: DateOptions): Codec {
  return {
    kind: 'dateTime',
    legacyTypes: ['datetime'],
    modernTypes: ['timestamp without time zone'],
    order: options.zero === 'null' ? undefined : 'text',
    zeroIsNull: options.zero === 'null',
    fromLegacy: (value) => orNull(textOf(value), options, canonicalDateTime),
    toLegacy: (canonical) => temporalLiteral(canonical, options, '0000-00-00 00:00:00'),
    fromModern: canonicalDateTime,
    legacySelect: plainSelect,
  }
}

function timestamp(options: DateOptions): Codec {
  const zoned = (value: string) => `${canonicalDateTime(value)}+00`
  return {
    ...dateTime(options),
    kind: 'timestamp',
    legacyTypes: ['timestamp'],
    modernTypes: ['timestamp with time zone'],
    fromLegacy: (value) => orNull(textOf(value), options, zoned),
    // MySQL's session is in UTC.
    toLegacy: (canonical) => temporalLiteral(canonical?.replace(/\+00$/, '') ?? null, options, '0000-00-00 00:00:00'),
    fromModern: (value) =>
      value.endsWith('+00') ? zoned(value.slice(0, -3)) : refuse('an instant that was not printed in UTC'),
  }
}

function date(options: DateOptions): Codec {
  return {
    ...dateTime(options),
    kind: 'date',
    legacyTypes: ['date'],
    modernTypes: ['date'],
    fromLegacy: (value) => orNull(textOf(value), options, canonicalDate),
    toLegacy: (canonical) => temporalLiteral(canonical, options, '0000-00-00'),
    fromModern: canonicalDate,
  }
}

function asText(kind: string, legacyTypes: readonly string[]): Codec {
  return { ...text, kind, legacyTypes, order: kind === 'timeAsText' ? undefined : 'text' }
}

function orNull(value: string, options: DateOptions, canonical: (value: string) => string): string | null {
  if (!isZeroDate(value)) return canonical(value)
  return options.zero === 'null' ? null : refuse("a zero date; declare zero: 'null' or carry the column as text")
}

function temporalLiteral(canonical: string | null, options: DateOptions, zero: string): string {
  if (canonical === null) return options.zero === 'null' ? `'${zero}'` : 'NULL'
  return textLiteral(canonical)
}

function canonicalDecimal(value: string): string {
  const padded = value.replace(/^(-?)\./, '$10.')
  return /^-[0.]+$/.test(padded) ? padded.slice(1) : padded
}

function finite(value: number): string {
  if (!Number.isFinite(value)) return refuse('a number that is not finite')
  return Object.is(value, -0) ? '0' : String(value)
}

function shortestFloat(value: number): string {
  // Rounded first: '370370.12' and '370370.13' are one float, and must become one text.
  const exact = Math.fround(value)
  for (let digits = 6; digits < 9; digits += 1) {
    const candidate = Number(exact.toPrecision(digits))
    if (Math.fround(candidate) === exact) return finite(candidate)
  }
  return finite(Number(exact.toPrecision(9)))
}

function matching(value: LegacyValue, pattern: RegExp, what: string): string {
  return checked(textOf(value), pattern, what)
}

function checked(value: string, pattern: RegExp, what: string): string {
  return pattern.test(value) ? value : refuse(`something that is not ${what}`)
}

function refuse(reason: string): never {
  throw new ValueRefused(reason)
}
