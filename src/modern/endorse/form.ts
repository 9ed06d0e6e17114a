import { readPlainQuery } from '../frame/plain-query.ts'

/** The fields of an urlencoded body, or undefined where PHP's own rules would be needed to read it. */
export function readForm(body: Buffer | undefined): ReadonlyMap<string, string> | undefined {
  return body === undefined ? undefined : readPlainQuery(body.toString('latin1'))
}
