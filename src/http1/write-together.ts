import type { Socket } from 'node:net'

const copyBytesMax = 16 * 1024

/** Small pieces are copied into one buffer; large ones go out in one system call as they are. */
export function writeTogether(socket: Socket, pieces: readonly (string | Buffer)[]): void {
  let bytes = 0
  for (const piece of pieces) {
    bytes += piece.length
  }
  if (bytes <= copyBytesMax) {
    const whole = Buffer.allocUnsafe(bytes)
    let at = 0
    for (const piece of pieces) {
      at += typeof piece === 'string' ? whole.write(piece, at, 'latin1') : piece.copy(whole, at)
    }
    socket.write(whole)
    return
  }
  socket.cork()
  for (const piece of pieces) {
    typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece)
  }
  socket.uncork()
}
