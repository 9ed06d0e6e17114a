// Records of FastCGI 1.0, as far as a web server in front of php-fpm needs them: one request at a time on a connection,
// in the role of a responder. https://fastcgi-archives.github.io/FastCGI_Specification.html, section 3.3 and 8.

export const recordType = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  parameters: 4,
  input: 5,
  output: 6,
  errorOutput: 7,
} as const

/** How FastCGI says that a request was done, or why not (section 5.5). */
export const protocolStatus = { complete: 0, noMultiplexing: 1, overloaded: 2, unknownRole: 3 } as const

/** The most that one record holds. A multiple of eight, so that none needs padding. */
export const contentBytesMax = 0xfff8

/** php-fpm answers one request of a connection at a time, so they may all have the same number. */
export const requestId = 1

/** What a decoder finds. Pieces of output come as they lie in the read; nothing is collected. */
export interface RecordSink {
  onOutput(piece: Buffer): void
  onErrorOutput(piece: Buffer): void
  /** `status` is one of `protocolStatus`, or a number that no version of the protocol knows. */
  onEndRequest(status: number): void
}

/** Reads the records that come from the application, however they are cut by the socket. */
export class RecordDecoder {
  readonly #sink: RecordSink
  readonly #header = Buffer.allocUnsafe(headerBytes)
  readonly #ending = Buffer.allocUnsafe(endRequestBytes)
  #headerHeld = 0
  #endingHeld = 0
  #type = 0
  #contentLeft = 0
  #paddingLeft = 0

  constructor(sink: RecordSink) {
    this.#sink = sink
  }

  /** No record is open: what comes next begins a new one. */
  get atBoundary(): boolean {
    return this.#headerHeld === 0 && this.#contentLeft === 0 && this.#paddingLeft === 0
  }

  /** Returns what is wrong with the bytes; after that nothing more may be read from this connection. */
  push(bytes: Buffer): string | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#contentLeft > 0) {
        at += this.#takeContent(bytes, at)
      } else if (this.#paddingLeft > 0) {
        const skipped = Math.min(this.#paddingLeft, bytes.length - at)
        this.#paddingLeft -= skipped
        at += skipped
      } else {
        const taken = Math.min(headerBytes - this.#headerHeld, bytes.length - at)
        bytes.copy(this.#header, this.#headerHeld, at, at + taken)
        this.#headerHeld += taken
        at += taken
        if (this.#headerHeld === headerBytes) {
          const fault = this.#openRecord()
          if (fault !== undefined) {
            return fault
          }
        }
      }
    }
    return undefined
  }

  // --- internal ---

  #openRecord(): string | undefined {
    const header = this.#header
    this.#headerHeld = 0
    if (header[0] !== 1) {
      return `a record of version ${header[0]}`
    }
    const id = header.readUInt16BE(2)
    this.#type = header[1] as number
    this.#contentLeft = header.readUInt16BE(4)
    this.#paddingLeft = header[6] as number
    if (id === 0) {
      // About the application as a whole, such as an answer to a question that we did not ask: of no interest.
      this.#type = 0
      return undefined
    }
    if (id !== requestId) {
      return `a record of request ${id}`
    }
    if (this.#type === recordType.endRequest) {
      this.#endingHeld = 0
      return this.#contentLeft === endRequestBytes ? undefined : 'an end of request of the wrong length'
    }
    return this.#type === recordType.output || this.#type === recordType.errorOutput
      ? undefined
      : `a record of type ${this.#type}`
  }

  #takeContent(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#contentLeft, bytes.length - at)
    this.#contentLeft -= taken
    switch (this.#type) {
      case recordType.output:
        this.#sink.onOutput(bytes.subarray(at, at + taken))
        break
      case recordType.errorOutput:
        this.#sink.onErrorOutput(bytes.subarray(at, at + taken))
        break
      case recordType.endRequest:
        bytes.copy(this.#ending, this.#endingHeld, at, at + taken)
        this.#endingHeld += taken
        if (this.#contentLeft === 0) {
          // The application's exit status, the first four bytes, is always 0 from PHP, and nobody asks for it.
          this.#sink.onEndRequest(this.#ending[4] as number)
        }
        break
      default:
    }
    return taken
  }
}

/** Name, value, name, value, …: one character per byte. */
export type Parameters = readonly string[]

/**
 * Everything that comes before the body: the beginning, the parameters, and the end of the input where there is no body.
 * Undefined when a parameter is too large for one record: php-fpm reads each record's parameters by themselves, so a pair must
 * not be cut in two.
 */
export function encodeRequest(parameters: Parameters, keepsConnection: boolean, hasBody: boolean): Buffer | undefined {
  const plan = planRecords(parameters)
  if (plan === undefined) {
    return undefined
  }
  const contentBytes = plan.reduce((sum, record) => sum + record.bytes + record.padding + headerBytes, 0)
  const bytes = Buffer.allocUnsafe(2 * headerBytes + contentBytes + headerBytes + (hasBody ? 0 : headerBytes))
  let at = writeHeader(bytes, 0, recordType.beginRequest, 8, 0)
  bytes.fill(0, at, at + 8)
  bytes[at + 1] = responder
  bytes[at + 2] = keepsConnection ? 1 : 0
  at += 8
  for (const record of plan) {
    at = writeHeader(bytes, at, recordType.parameters, record.bytes, record.padding)
    for (let i = record.from; i < record.to; i += 2) {
      at = writePair(bytes, at, parameters[i] as string, parameters[i + 1] as string)
    }
    bytes.fill(0, at, at + record.padding)
    at += record.padding
  }
  at = writeHeader(bytes, at, recordType.parameters, 0, 0)
  if (!hasBody) {
    writeHeader(bytes, at, recordType.input, 0, 0)
  }
  return bytes
}

/** The header of a record that holds a piece of the body; of length 0, the end of the body. */
export function inputHeader(length: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes)
  writeHeader(header, 0, recordType.input, length, 0)
  return header
}

// --- internal ---

const headerBytes = 8
const endRequestBytes = 8
const responder = 1

interface PlannedRecord {
  readonly from: number
  readonly to: number
  readonly bytes: number
  readonly padding: number
}

/** Which parameters go into which record. */
function planRecords(parameters: Parameters): readonly PlannedRecord[] | undefined {
  const records: PlannedRecord[] = []
  let from = 0
  let bytes = 0
  const close = (to: number): void => {
    if (to > from) {
      records.push({ from, to, bytes, padding: -bytes & 7 })
    }
    from = to
    bytes = 0
  }
  for (let i = 0; i + 1 < parameters.length; i += 2) {
    const size = pairBytes((parameters[i] as string).length, (parameters[i + 1] as string).length)
    if (size > contentBytesMax) {
      return undefined
    }
    if (bytes + size > contentBytesMax) {
      close(i)
    }
    bytes += size
  }
  close(parameters.length)
  return records
}

function pairBytes(name: number, value: number): number {
  return (name > 127 ? 4 : 1) + (value > 127 ? 4 : 1) + name + value
}

function writePair(bytes: Buffer, at: number, name: string, value: string): number {
  let next = writeLength(bytes, writeLength(bytes, at, name.length), value.length)
  next += bytes.write(name, next, 'latin1')
  return next + bytes.write(value, next, 'latin1')
}

/** One byte up to 127, else four with the highest bit set (section 3.4). */
function writeLength(bytes: Buffer, at: number, length: number): number {
  if (length <= 127) {
    bytes[at] = length
    return at + 1
  }
  return bytes.writeUInt32BE((length | 0x80000000) >>> 0, at)
}

function writeHeader(bytes: Buffer, at: number, type: number, length: number, padding: number): number {
  bytes[at] = 1
  bytes[at + 1] = type
  bytes.writeUInt16BE(requestId, at + 2)
  bytes.writeUInt16BE(length, at + 4)
  bytes[at + 6] = padding
  bytes[at + 7] = 0
  return at + headerBytes
}
