import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** How the gateway treats requests: a status to answer with, or one of the worse things that happen to servers. */
export type Fault = 'none' | 'hang' | 'cut' | 'nonsense' | 'half-an-answer' | 401 | 403 | 404 | 429 | 500 | 503

export interface FaultyGateway extends AsyncDisposable {
  readonly url: string
  fault: Fault
  /** Requests seen so far. */
  readonly requests: number
}

/** A real HTTP server before a real Unleash that can be told to misbehave. */
export async function openFaultyGateway(target: string): Promise<FaultyGateway> {
  const sockets = new Set<Socket>()
  const state: { fault: Fault; requests: number } = { fault: 'none', requests: 0 }
  const server = createServer((incoming, outgoing) => {
    state.requests += 1
    misbehave(state.fault, target, incoming, outgoing)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return state.requests
    },
    get fault() {
      return state.fault
    },
    set fault(fault) {
      state.fault = fault
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

// --- internal ---

function misbehave(fault: Fault, target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  switch (fault) {
    case 'none':
      pass(target, incoming, outgoing)
      return
    case 'hang':
      return
    case 'cut':
      incoming.socket.destroy()
      return
    case 'nonsense':
      outgoing
        .writeHead(200, { 'content-type': 'application/json', etag: '"nonsense"' })
        .end('<html>maintenance</html>')
      return
    case 'half-an-answer':
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"features":[')
      incoming.socket.end()
      return
    default:
      outgoing.writeHead(fault).end()
  }
}

function pass(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers } = incoming
  const upstream = request(new URL(incoming.url ?? '/', target), { method: method ?? 'GET', headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  upstream.on('error', () => outgoing.destroy())
  incoming.pipe(upstream)
}
