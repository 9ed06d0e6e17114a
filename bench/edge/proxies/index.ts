import { caddy } from './caddy.ts'
import { figWithRoutes } from './fig.ts'
import { haproxy } from './haproxy.ts'
import { nginx, nginxBuffered } from './nginx.ts'
import { nodePeer } from './node-peer.ts'
import type { ProxyKind } from './proxy.ts'

export type { PreparedProxy, ProxyKind, ProxyPlace } from './proxy.ts'

/** Those that every case is measured with. */
export const proxies: readonly ProxyKind[] = [
  figWithRoutes('fig', 10),
  nginx,
  nginxBuffered,
  haproxy,
  caddy,
  nodePeer('http-proxy'),
  nodePeer('http-proxy-3'),
  nodePeer('@fastify/http-proxy'),
  nodePeer('httpxy'),
]

/** Those of the case that is about Fig's own table. */
export const figVariants: readonly ProxyKind[] = [figWithRoutes('fig-500', 500), figWithRoutes('fig-10000', 10_000)]

export const proxyNames: readonly string[] = proxies.map(({ name }) => name)
export const usualProxyNames: readonly string[] = proxies.filter((proxy) => !proxy.optional).map(({ name }) => name)

export function proxyNamed(name: string): ProxyKind {
  return [...proxies, ...figVariants].find((proxy) => proxy.name === name)!
}
