const chunk = Buffer.alloc(256 * 1_024, 'fig ')

/** So many bytes, without ever holding more than one piece of them. */
export function* repeated(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= chunk.length) yield left >= chunk.length ? chunk : chunk.subarray(0, left)
}
