import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

const copyBytesMax = 16 * 1024

/** Most answers are small and leave at once: one buffer is enough for all of them, and nothing is left to be collected. */
let shared = Buffer.allocUnsafeSlow(copyBytesMax)

/** Small pieces are copied into one buffer; large ones go out in one system call as they are. */
export function writeTogether(socket: Socket, pieces: readonly (string | Buffer)[]): void {
  let bytes = 0
  for (const piece of pieces) {
    bytes += piece.length
  }
  if (bytes <= copyBytesMax) {
    writeCopy(socket, pieces, bytes)
    return
  }
  socket.cork()
  for (const piece of pieces) {
    typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece)
  }
  socket.uncork()
}

// --- internal ---

function writeCopy(socket: Socket, pieces: readonly (string | Buffer)[], bytes: number): void {
  // TLS encrypts later, and what waits behind other bytes is sent later: those need a buffer of their own.
  const mayShare = socket.writableLength === 0 && !('encrypted' in socket)
  const whole = mayShare ? shared : Buffer.allocUnsafe(bytes)
  let at = 0
  for (const piece of pieces) {
    at += typeof piece === 'string' ? whole.write(piece, at, 'latin1') : piece.copy(whole, at)
  }
  socket.write(mayShare ? whole.subarray(0, at) : whole)
  if (mayShare && socket.writableLength > 0) {
    // The system did not take it all: the socket keeps this one until it does.
    shared = Buffer.allocUnsafeSlow(copyBytesMax)
  }
}
