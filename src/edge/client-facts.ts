import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, type Socket } from 'node:net'
import type { ClientFacts } from '../exchange.ts'
import { hostSyntax } from './check-request.ts'

export type ReadClient = (req: IncomingMessage) => ClientFacts

/**
 * Who the client is. X-Forwarded-* is believed from the given peers only (addresses or CIDR blocks): anybody else could
 * write there what they like.
 */
export function clientReader(trustedProxies: readonly string[]): ReadClient {
  const trusted = trustedPeers(trustedProxies)
  // The peer of a connection stays the same: looked at once.
  const peers = new WeakMap<Socket, { readonly peer: string; readonly trusted: boolean }>()
  return (req) => {
    let facts = peers.get(req.socket)
    if (facts === undefined) {
      const peer = plainAddress(req.socket.remoteAddress ?? '')
      facts = { peer, trusted: isTrusted(trusted, peer) }
      peers.set(req.socket, facts)
    }
    return facts.trusted ? forwardedFacts(req, facts.peer, trusted) : directFacts(req, facts.peer)
  }
}

// --- internal ---

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

function directFacts(req: IncomingMessage, peer: string): ClientFacts {
  const proto = 'encrypted' in req.socket ? 'https' : 'http'
  const host = req.headers.host ?? ''
  return { peer, trusted: false, ip: peer, proto, host, port: portOf(host) ?? defaultPort(proto) }
}

function forwardedFacts(req: IncomingMessage, peer: string, trusted: BlockList | undefined): ClientFacts {
  const direct = directFacts(req, peer)
  const saidProto = lastEntry(req.headers['x-forwarded-proto'])?.toLowerCase()
  const proto = saidProto === 'https' || saidProto === 'http' ? saidProto : direct.proto
  const saidHost = lastEntry(req.headers['x-forwarded-host'])
  const host = saidHost !== undefined && hostSyntax.test(saidHost) ? saidHost : direct.host
  const saidPort = Number(lastEntry(req.headers['x-forwarded-port']))
  const port = saidPort >= 1 && saidPort <= 65_535 ? Math.trunc(saidPort) : (portOf(host) ?? defaultPort(proto))
  return { peer, trusted: true, ip: visitorAddress(req, peer, trusted), proto, host, port }
}

/** The entry nearest to us that no trusted proxy wrote about another trusted proxy. */
function visitorAddress(req: IncomingMessage, peer: string, trusted: BlockList | undefined): string {
  const chain = entries(req.headers['x-forwarded-for']).map(plainAddress)
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

function lastEntry(header: string | string[] | undefined): string | undefined {
  return entries(header).at(-1)
}

function entries(header: string | string[] | undefined): readonly string[] {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  return text.split(',').flatMap((entry) => entry.trim() || [])
}

function portOf(host: string): number | undefined {
  const digits = /:(\d{1,5})$/.exec(host)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function defaultPort(proto: 'http' | 'https'): number {
  return proto === 'https' ? 443 : 80
}
