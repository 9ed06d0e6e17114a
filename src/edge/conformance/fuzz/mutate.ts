import type { Random } from './random.ts'

/** Changes a stream of bytes, given as one character per byte, in one to four places. */
export function mutate(random: Random, bytes: string, other: string): string {
  let changed = bytes
  const times = 1 + random.below(4)
  for (let i = 0; i < times; i += 1) {
    changed = random.pick(mutations)(random, changed, other)
  }
  return changed
}

// --- internal ---

type Mutation = (random: Random, bytes: string, other: string) => string

const special = [
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\x0b',
  '\x0c',
  '\x80',
  '\xff',
  '\r\n',
  '\n\r',
  '\r\n\r\n',
  '0',
  '"',
  '/',
  '#',
  '%',
  '-',
  '+',
]

const lines = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: gzip, chunked',
  'transfer-encoding: x',
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 5, 5',
  'Content-Length: +5',
  'content-length: 99999999999999999999',
  'Content_Length: 5',
  'Connection: close',
  'Connection: keep-alive, X-Serial, Content-Length',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Expect: 100-continue',
  'Host: b.test',
  'Trailer: Content-Length',
  'Keep-Alive: timeout=5',
  ' folded: line',
  '\tContent-Length: 7',
  'no colon',
  ': no name',
  '',
  'GET /inner HTTP/1.1',
  'HTTP/1.1 200 OK',
  '0',
  '5;a="b',
  'ffffffffffffffff',
]

/** So many bytes of one kind: a long word, many headers, much white space. */
const floods: readonly ((bytes: number) => string)[] = [
  (bytes) => 'A'.repeat(bytes),
  (bytes) => 'a: b\r\n'.repeat(bytes / 6),
  (bytes) => ' '.repeat(Math.min(bytes, 9_000)),
  (bytes) => '1\r\nx\r\n'.repeat(bytes / 6),
  (bytes) => '\r\n'.repeat(bytes / 2),
]

const mutations: readonly Mutation[] = [
  function flipBit(random, bytes) {
    const at = random.below(bytes.length)
    const flipped = (bytes.charCodeAt(at) || 0) ^ (1 << random.below(8))
    return replaced(bytes, at, 1, String.fromCharCode(flipped & 0xff))
  },
  (random, bytes) => replaced(bytes, random.below(bytes.length + 1), 0, random.pick(special)),
  (random, bytes) => replaced(bytes, random.below(bytes.length), 1, random.pick(special)),
  (random, bytes) => replaced(bytes, random.below(bytes.length), 1 + random.below(8), ''),
  function repeatRange(random, bytes) {
    const at = random.below(bytes.length)
    return replaced(bytes, random.below(bytes.length), 0, bytes.slice(at, at + 1 + random.below(60)))
  },
  (random, bytes) => inLines(bytes, (all) => all.toSpliced(random.below(all.length), 0, random.pick(lines))),
  (random, bytes) => inLines(bytes, (all) => all.toSpliced(random.below(all.length), 1, random.pick(lines))),
  (random, bytes) => inLines(bytes, (all) => all.toSpliced(random.below(all.length), 1)),
  (random, bytes) => inLines(bytes, (all) => all.toSpliced(random.below(all.length), 0, random.pick(all))),
  function swapLines(random, bytes) {
    return inLines(bytes, (all) => {
      const [from, to] = [random.below(all.length), random.below(all.length)]
      return all.with(from, all[to] as string).with(to, all[from] as string)
    })
  },
  function changeNumber(random, bytes) {
    const numbers = [...bytes.matchAll(/\b[0-9a-f]{1,16}(?=\r\n|;)/gi)]
    const number = random.pick(numbers)
    if (number === undefined) {
      return bytes
    }
    const value = Number.parseInt(number[0], 16)
    const text = random.pick([
      String(value + 1),
      String(value - 1),
      `0x${value}`,
      `+${value}`,
      `00${value}`,
      `${value} `,
      '',
      `${value}0`,
    ])
    return replaced(bytes, number.index, number[0].length, text)
  },
  function bareLineEnd(random, bytes) {
    const ends = [...bytes.matchAll(/\r\n/g)]
    const end = random.pick(ends)
    return end === undefined ? bytes : replaced(bytes, end.index, 2, random.pick(['\n', '\r', '', '\r\r\n', '\n\n']))
  },
  (random, bytes) => bytes.slice(0, random.below(bytes.length)),
  (random, bytes, other) => bytes.slice(0, random.below(bytes.length)) + other.slice(random.below(other.length)),
  function changeCase(random, bytes) {
    const at = random.below(bytes.length)
    const length = 1 + random.below(20)
    const part = bytes.slice(at, at + length)
    return replaced(bytes, at, length, random.chance(50) ? part.toUpperCase().slice(0, length) : part.toLowerCase())
  },
  (random, bytes) =>
    replaced(bytes, random.below(bytes.length), 0, random.pick(floods)(random.pick([100, 9_000, 70_000, 200_000]))),
]

function replaced(bytes: string, at: number, length: number, by: string): string {
  return bytes.slice(0, at) + by + bytes.slice(at + length)
}

function inLines(bytes: string, change: (all: readonly string[]) => readonly string[]): string {
  return change(bytes.split('\r\n')).join('\r\n')
}
