import { BlockList, isIP } from 'node:net'
import type { ClientFacts } from '../exchange.ts'
import {
  type ClientConnection,
  detached,
  type HeaderList,
  headerBits,
  hostSyntax,
  type RequestHead,
} from '../http1/index.ts'

export type ReadClient = (request: RequestHead, connection: ClientConnection) => ClientFacts

/**
 * Who the client is. X-Forwarded-* is believed from the given peers only (addresses or CIDR blocks): anybody else could
 * write there what they like.
 */
export function clientReader(trustedProxies: readonly string[]): ReadClient {
  const trusted = trustedPeers(trustedProxies)
  return ({ headers }, connection) => {
    // The peer of a connection stays the same: looked at once. So, mostly, does the host.
    let facts = connection.peerFacts
    if (!(facts instanceof PeerFacts)) {
      const peer = plainAddress(connection.peer)
      facts = new PeerFacts(peer, isTrusted(trusted, peer), connection)
      connection.peerFacts = facts
    }
    const known = facts as PeerFacts
    const direct = known.direct(headers.first('host') ?? '')
    return known.trusted && (headers.bits & headerBits.forwarding) !== 0
      ? forwardedFacts(headers, direct, trusted)
      : direct
  }
}

// --- internal ---

class PeerFacts {
  readonly peer: string
  readonly trusted: boolean
  readonly #connection: ClientConnection
  #direct: ClientFacts | undefined

  constructor(peer: string, trusted: boolean, connection: ClientConnection) {
    this.peer = peer
    this.trusted = trusted
    this.#connection = connection
  }

  direct(host: string): ClientFacts {
    if (this.#direct?.host !== host) {
      const { peer, trusted } = this
      const connection = this.#connection
      const proto = connection.secure ? 'https' : 'http'
      const port = portOf(host) ?? defaultPort(proto)
      this.#direct = { peer, trusted, ip: peer, proto, host: detached(host), port, connection }
    }
    return this.#direct as ClientFacts
  }
}

function trustedPeers(entries: readonly string[]): BlockList | undefined {
  if (entries.length === 0) {
    return undefined
  }
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  return list
}

function isTrusted(list: BlockList | undefined, address: string): boolean {
  const family = isIP(address)
  return list !== undefined && family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** `::ffff:192.0.2.1` is how a dual-stack listener sees an IPv4 peer. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}

function forwardedFacts(headers: HeaderList, direct: ClientFacts, trusted: BlockList | undefined): ClientFacts {
  const { peer } = direct
  const saidProto = lastEntry(headers.get('x-forwarded-proto'))?.toLowerCase()
  const proto = saidProto === 'https' || saidProto === 'http' ? saidProto : direct.proto
  const saidHost = lastEntry(headers.get('x-forwarded-host'))
  const host = saidHost !== undefined && hostSyntax.test(saidHost) ? saidHost : direct.host
  const saidPort = Number(lastEntry(headers.get('x-forwarded-port')))
  const port = saidPort >= 1 && saidPort <= 65_535 ? Math.trunc(saidPort) : (portOf(host) ?? defaultPort(proto))
  const { connection } = direct
  return { peer, trusted: true, ip: visitorAddress(headers, peer, trusted), proto, host, port, connection }
}

/** The entry nearest to us that no trusted proxy wrote about another trusted proxy. */
function visitorAddress(headers: HeaderList, peer: string, trusted: BlockList | undefined): string {
  const chain = entries(headers.get('x-forwarded-for')).map((entry) => plainAddress(withoutPort(entry)))
  for (const address of chain.toReversed()) {
    if (isIP(address) === 0) {
      return peer
    }
    if (!isTrusted(trusted, address)) {
      return address
    }
  }
  return chain[0] ?? peer
}

function lastEntry(header: string | undefined): string | undefined {
  return entries(header).at(-1)
}

function entries(header: string | undefined): readonly string[] {
  return (header ?? '').split(',').flatMap((entry) => entry.trim() || [])
}

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711` (RFC 7239 section 6). */
function withoutPort(entry: string): string {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/.exec(entry)
  return parts?.[1] ?? parts?.[2] ?? entry
}

function portOf(host: string): number | undefined {
  const digits = /:(\d{1,5})$/.exec(host)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function defaultPort(proto: 'http' | 'https'): number {
  return proto === 'https' ? 443 : 80
}
