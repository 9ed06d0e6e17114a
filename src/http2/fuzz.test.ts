import { expect, it } from 'vitest'
import type { ClientStream } from '../http1/index.ts'
import {
  endHeaders,
  endStream,
  type Fields,
  frame,
  getFields,
  headers,
  preface,
  RawSession,
  reset,
  settings,
  windowUpdate,
} from './testing/raw-frames.ts'
import { answerWith, readBody, startHost } from './testing/session-stack.ts'

// Sessions of random frames with random faults, from a seed. Nothing may crash or hang, and no request may come through with
// bytes that would be more than one request over HTTP/1.1. FIG_FUZZ_SESSIONS runs more of them, FIG_FUZZ_SEED others.

const sessions = Number(process.env.FIG_FUZZ_SESSIONS ?? 150)
const firstSeed = Number(process.env.FIG_FUZZ_SEED ?? 1)

type Random = (below: number) => number

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random(choices.length)] as T
}

const oddities = ['\r\n', '\0', ' ', ':', '\t', 'a', '/', 'chunked', '\xff', '%00', '#', '5, 5']
const names = [':method', ':path', ':scheme', ':authority', ':status', 'host', 'content-length', 'transfer-encoding']
const moreNames = ['te', 'connection', 'expect', 'cookie', 'x-a', 'X-B', 'x c', '']

function randomFields(random: Random): Fields {
  const more = Array.from({ length: random(4) }, () => {
    const name = pick(random, [...names, ...moreNames]) + (random(8) === 0 ? pick(random, oddities) : '')
    return [
      name,
      Array.from({ length: random(3) }, () => pick(random, [...oddities, '1', 'POST', '/a'])).join(''),
    ] as const
  })
  const fields = random(3) === 0 ? [...getFields(), ...more] : getFields(...more)
  return random(6) === 0 ? fields.toReversed() : fields
}

/** Of stream `latest`, or of one before it. Every tenth makes no sense, and mostly ends the session. */
function randomFrame(random: Random, latest: number): Buffer {
  const id = random(3) === 0 ? 2 * random(latest) + 1 : 2 * latest + 1
  const body = 'x'.repeat(random(200))
  if (random(10) === 0) {
    return pick(random, [
      frame(pick(random, ['ping', 'goaway', 'priority', 'push', 'continuation']), random(8), random(2) * id, body),
      headers(id, randomFields(random), 0),
      headers(id + 1, randomFields(random)),
      windowUpdate(pick(random, [0, id]), pick(random, [0, 2 ** 31 - 1])),
      settings([random(10), 2 ** 31]),
    ])
  }
  switch (random(6)) {
    case 0:
      return frame('data', random(2), id, body)
    case 1:
      return reset(id, random(14))
    case 2:
      return random(2) === 0 ? windowUpdate(pick(random, [0, id]), 1 + random(1000)) : settings([4, random(65_535)])
    default:
      return headers(2 * latest + 1, randomFields(random), endHeaders | (random(2) === 0 ? endStream : 0))
  }
}

/** A few bytes are changed, lost or doubled. */
function spoil(random: Random, bytes: Buffer): Buffer {
  if (random(20) > 0) {
    return bytes
  }
  const spoilt = Buffer.from(bytes)
  const at = random(spoilt.length)
  spoilt[at] = random(256)
  return random(4) === 0
    ? Buffer.concat([spoilt.subarray(0, at), spoilt.subarray(Math.max(0, at - random(9)))])
    : spoilt
}

function answer(random: Random, stream: ClientStream): void {
  switch (random(4)) {
    case 0:
      answerWith('ok')(stream)
      break
    case 1:
      stream.cut()
      break
    default:
      readBody(stream).then(
        () => answerWith('x'.repeat(random(100_000)))(stream),
        () => answerWith('broken')(stream),
      )
  }
}

it('survives sessions of random frames', async () => {
  const random = randomFrom(firstSeed)
  const randomAnswer = randomFrom(firstSeed)
  await using host = await startHost((stream) => answer(randomAnswer, stream))
  for (let i = 0; i < sessions; i += 1) {
    using client = RawSession.open(host.port)
    const frames = Array.from({ length: 1 + random(30) }, (_none, at) => spoil(random, randomFrame(random, at + 1)))
    client.send(...(random(20) === 0 ? [spoil(random, preface)] : []), ...frames)
    if (random(2) === 0) {
      client.socket.end()
    }
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await expect.poll(() => host.host.connections).toBe(0)
  await expect.poll(() => host.requests.filter(({ departures }) => departures.length !== 1)).toEqual([])
  expect(host.requests.length).toBeGreaterThan(sessions / 4)
  for (const { stream } of host.requests) {
    const { method, target, headers } = stream.head
    expect(`${method} ${target} ${headers.toRaw().join('')}`).not.toMatch(/[\r\n\0]/)
    expect(`${method}${target}`).not.toContain(' ')
    expect([headers.count('host'), headers.has('transfer-encoding'), headers.has('connection')]).toEqual([
      1,
      false,
      false,
    ])
    expect(headers.count('content-length')).toBeLessThan(2)
  }
})
