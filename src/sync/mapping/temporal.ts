import { ValueRefused } from './codec.ts'

/** '0000-00-00', with or without a time: MySQL's way to say nothing. */
export function isZeroDate(value: string): boolean {
  return /^0000-00-00(?: 00:00:00(?:\.0+)?)?$/.test(value)
}

/** A date that exists in both calendars. @throws ValueRefused for '2001-02-30', '2001-00-00' and year 0 */
export function canonicalDate(value: string): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value)
  if (parts === null) throw new ValueRefused('a date that MySQL cannot hold')
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
    throw new ValueRefused('a date that does not exist; carry the column as text')
  }
  return value
}

/** Trailing zeros of the fraction say nothing: Postgres drops them, MySQL prints them. */
export function canonicalDateTime(value: string): string {
  const parts = /^(\S+) ((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,6}))?$/.exec(value)
  if (parts === null) throw new ValueRefused('a time that MySQL cannot hold')
  const fraction = (parts[3] ?? '').replace(/0+$/, '')
  return `${canonicalDate(parts[1] ?? '')} ${parts[2]}${fraction === '' ? '' : `.${fraction}`}`
}

// --- internal ---

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}
