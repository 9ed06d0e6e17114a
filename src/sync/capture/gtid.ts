import { AppError } from '../../platform/index.ts'

/** The last transaction per replication domain: what has been seen or done so far. MariaDB writes it '0-1-25,1-1-3'. */
export type GtidPosition = ReadonlyMap<string, Gtid>

export interface Gtid {
  readonly domain: string
  readonly server: string
  readonly sequence: bigint
}

export function parseGtid(text: string): Gtid {
  const parts = /^(\d+)-(\d+)-(\d+)$/.exec(text)
  if (parts === null) throw new AppError('sync.unsuitable-source', `"${text}" is not a MariaDB transaction id`)
  return { domain: parts[1] ?? '', server: parts[2] ?? '', sequence: BigInt(parts[3] ?? '') }
}

export function parseGtidPosition(text: string): GtidPosition {
  const parts = text.split(',').filter((part) => part.trim() !== '')
  return new Map(parts.map((part) => parseGtid(part.trim())).map((gtid) => [gtid.domain, gtid]))
}

export function formatGtidPosition(position: GtidPosition): string {
  return [...position.values()].map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`).join(',')
}

/** Within a domain transactions are in one order, whichever server wrote them. */
export function covers(position: GtidPosition, gtid: Gtid): boolean {
  const last = position.get(gtid.domain)
  return last !== undefined && last.sequence >= gtid.sequence
}

export function coversAll(position: GtidPosition, target: GtidPosition): boolean {
  for (const gtid of target.values()) {
    if (!covers(position, gtid)) return false
  }
  return true
}

export function advance(position: GtidPosition, gtid: Gtid): GtidPosition {
  return covers(position, gtid) ? position : new Map(position).set(gtid.domain, gtid)
}

/** The later of both in every domain. */
export function union(left: GtidPosition, right: GtidPosition): GtidPosition {
  return [...right.values()].reduce(advance, left)
}

/** Where to begin so that nothing after any of the positions is missed. */
export function earliest(positions: readonly GtidPosition[]): GtidPosition {
  const [first, ...others] = positions
  if (first === undefined) return new Map()
  return new Map(
    [...first].flatMap(([domain, gtid]) => {
      const all = [gtid, ...others.map((position) => position.get(domain))]
      const known = all.filter((candidate) => candidate !== undefined)
      if (known.length < all.length) return []
      return [[domain, known.reduce((low, next) => (next.sequence < low.sequence ? next : low))] as const]
    }),
  )
}
