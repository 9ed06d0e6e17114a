import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between Fig and a server, and can swallow all bytes without closing anything, as a cut cable does. */
export class BrokenNetwork implements AsyncDisposable {
  readonly url: string
  readonly #server: Server
  readonly #sockets: Set<Socket>
  readonly #swallowed = new Set<Socket>()

  static async open(target: string): Promise<BrokenNetwork> {
    const { hostname, port } = new URL(target)
    const sockets = new Set<Socket>()
    const server = createServer((near) => {
      const far = connect(Number(port), hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.on('data', (bytes) => {
          if (!network.#swallowed.has(from)) to.write(bytes)
        })
        from.on('error', () => {})
        from.on('close', () => {
          sockets.delete(from)
          to.destroy()
        })
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const network = new BrokenNetwork(target, server, sockets)
    return network
  }

  private constructor(target: string, server: Server, sockets: Set<Socket>) {
    const url = new URL(target)
    url.port = String((server.address() as AddressInfo).port)
    url.hostname = '127.0.0.1'
    this.url = url.href
    this.#server = server
    this.#sockets = sockets
  }

  /** From now on nothing gets through on the connections that there are; later ones work. */
  swallow(): void {
    for (const socket of this.#sockets) this.#swallowed.add(socket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
