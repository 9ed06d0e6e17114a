/** Forms with files, as browsers send them. */
export interface FormPart {
  readonly name: string
  readonly value: string | Buffer
  readonly file?: string
  readonly type?: string
}

const boundary = '----compat7MA4YWxkTrZu0gW'

export const multipartType = `multipart/form-data; boundary=${boundary}`

export function multipartBody(parts: readonly FormPart[]): Buffer {
  const pieces = parts.flatMap(({ name, value, file, type }) => {
    const fileName = file === undefined ? '' : `; filename="${file}"`
    const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName}\r\n${typeLine}\r\n`
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]
  })
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}

/** Bytes of every value that look random and are the same each time (a linear congruential generator). */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 42
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    bytes[at] = state >>> 16
  }
  return bytes
}

/** A picture of one pixel. */
export const smallPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
)
