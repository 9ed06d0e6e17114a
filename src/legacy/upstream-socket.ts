import { Buffer } from 'node:buffer'
import { isIP, Socket } from 'node:net'
import { type ConnectionOptions, connect as connectSecure } from 'node:tls'
import { noteTransient } from '../http1/index.ts'

/** What may be said about TLS towards PHP; certificates are verified unless it says otherwise. */
export type UpstreamTls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>

/** Those who own a socket to PHP. */
export interface SocketListener {
  /** @returns true when nobody holds the bytes any more: their memory may be used for the next ones */
  onBytes(bytes: Buffer): boolean
  /** @returns true to go on reading, although nothing can be sent any more */
  onWriteFailed(): boolean
}

/**
 * Reads into a buffer of its own, as Node would allocate 64 KB for each read. What was read is handed out as it is; the buffer is
 * used again when the client has it all, else left to those who hold it. While they do hold what they get, they get copies of
 * what is little, as a few bytes must not keep a whole buffer.
 *
 * PHP's server may answer an upload early and close, so that our next write fails. Node destroys a socket then, and with it an
 * answer that has arrived and was not read yet; this one leaves that to its owner.
 */
export class PlainSocket extends Socket {
  readonly #listener: SocketListener

  constructor(listener: SocketListener) {
    let buffer = takeBuffer()
    let isHeld = false
    super({
      onread: {
        buffer: () => buffer,
        callback: (length) => {
          if (isHeld && length <= copiedBytesMax) {
            const copy = Buffer.allocUnsafe(length)
            buffer.copy(copy, 0, 0, length)
            isHeld = !listener.onBytes(copy)
            return true
          }
          isHeld = !listener.onBytes(buffer.subarray(0, length))
          if (isHeld) {
            noteTransient(buffer.length)
            buffer = takeBuffer()
          }
          return true
        },
      },
    })
    this.once('close', () => giveBack(buffer))
    this.#listener = listener
    this.setNoDelay(true)
  }

  override destroy(error?: Error): this {
    const isWriteError = error !== undefined && 'syscall' in error && error.syscall === 'write'
    return isWriteError && this.#listener.onWriteFailed() ? this : super.destroy(error)
  }
}

export function openPlain(url: URL, listener: SocketListener): Socket {
  return new PlainSocket(listener).connect({ host: hostOf(url), port: Number(url.port || 80) })
}

/** @param session of an earlier connection, to be taken up again */
export function openSecure(
  url: URL,
  tls: UpstreamTls | undefined,
  session: Buffer | undefined,
  listener: SocketListener,
): Socket {
  const host = hostOf(url)
  const socket = connectSecure({
    host,
    port: Number(url.port || 443),
    ...(isIP(host) === 0 && { servername: host }),
    ...tls,
    ALPNProtocols: ['http/1.1'],
    ...(session && { session }),
  })
  socket.on('data', (bytes: Buffer) => listener.onBytes(bytes))
  return socket.setNoDelay(true)
}

// --- internal ---

const readBytes = 128 * 1024
const copiedBytesMax = 8 * 1024
const spareBuffersMax = 16
const spareBuffers: Buffer[] = []

function takeBuffer(): Buffer {
  return spareBuffers.pop() ?? Buffer.allocUnsafeSlow(readBytes)
}

function giveBack(buffer: Buffer): void {
  if (spareBuffers.length < spareBuffersMax) {
    spareBuffers.push(buffer)
  }
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}
