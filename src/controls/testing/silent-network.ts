import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between Fig and Postgres, and can let bytes vanish without closing anything, as a cut cable does. */
export class SilentNetwork implements AsyncDisposable {
  readonly url: string
  readonly #server: Server
  readonly #sockets: Set<Socket>
  readonly #silent: WeakSet<Socket>
  #later = false

  static async open(target: string): Promise<SilentNetwork> {
    const { hostname, port } = new URL(target)
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const network = new SilentNetwork(target, server)
    server.on('connection', (near) => network.#join(near, connect(Number(port), hostname)))
    return network
  }

  private constructor(target: string, server: Server) {
    const url = new URL(target)
    url.hostname = '127.0.0.1'
    url.port = String((server.address() as AddressInfo).port)
    this.url = url.href
    this.#server = server
    this.#sockets = new Set()
    this.#silent = new WeakSet()
  }

  /** Nothing gets through any more on the connections that there are; later ones work. */
  swallow(): void {
    for (const socket of this.#sockets) this.#silent.add(socket)
  }

  /** Nor on later ones. */
  swallowAll(): void {
    this.swallow()
    this.#later = true
  }

  /** Later connections work again. */
  restore(): void {
    this.#later = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      if (this.#later) this.#silent.add(from)
      from.on('data', (bytes) => {
        if (!this.#silent.has(from)) to.write(bytes)
      })
      from.on('error', () => {})
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }
}
