import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '../platform/index.ts'
import {
  createOverrides,
  createPins,
  type Override,
  type OverrideTarget,
  overriddenSide,
  type SigningKey,
} from './index.ts'

const hourMs = 3_600_000
const start = Date.parse('2026-03-01T12:00:00Z')
const now = () => start
const key = (id: string): SigningKey => ({ id, secret: randomBytes(32).toString('base64') })
const [old, young] = [key('2025'), key('2026')]
const overrides = createOverrides({ keys: [old], now })
const pins = createPins({ keys: [old], now })
const wish = { target: '*', side: 'modern', who: 'ada', expiresAt: start + hourMs } as const
const pin = { group: 'cart', side: 'legacy', flow: 'f1', expiresAt: start + hourMs } as const

describe('an override', () => {
  it.each<[OverrideTarget, string, string]>([
    ['*', 'modern', 'modern'],
    [{ group: 'cart' }, 'modern', 'modern'],
    [{ route: 'cart.show' }, 'modern', 'none'],
    [{ group: 'search' }, 'none', 'none'],
  ])('for %j is read as it was issued, and concerns its routes only', (target, show, add) => {
    const token = overrides.issue({ ...wish, target })
    expect(token).toMatch(/^fo1\.2025\.[\w-]+\.[\w-]{43}$/)
    const read = overrides.read(token, start)
    expect(read).toEqual({ ...wish, target, keyId: '2025' })
    const side = (id: string) => overriddenSide(read as Override, { id, group: 'cart' }) ?? 'none'
    expect([side('cart.show'), side('cart.add')]).toEqual([show, add])
  })

  it('holds until the second it expires', () => {
    const token = overrides.issue(wish)
    expect(overrides.read(token, wish.expiresAt - 1)).toMatchObject({ side: 'modern' })
    expect(overrides.read(token, wish.expiresAt)).toEqual({ refused: 'expired' })
  })

  it('is refused when a single character of it was changed, and never throws', () => {
    const token = overrides.issue({ ...wish, who: 'ada ☂', target: { route: 'cart.show' } })
    for (let at = 0; at < token.length; at += 1) {
      for (const other of ['A', 'B', '.', '~', '']) {
        const changed = token.slice(0, at) + other + token.slice(at + 1)
        if (changed !== token) expect(overrides.read(changed, start), changed).toHaveProperty('refused')
      }
    }
    const [kind, id, payload] = token.split('.')
    expect(overrides.read(`${kind}.${id}.${payload}.${'A'.repeat(43)}`, start)).toEqual({ refused: 'bad-signature' })
    for (const text of [
      '',
      '.',
      'fo1',
      `${token} `,
      `${token}\n`,
      `fo1.2025.${'A'.repeat(10_000)}.${'A'.repeat(43)}`,
    ]) {
      expect(overrides.read(text, start)).toEqual({ refused: 'malformed' })
    }
  })

  it('comes back whole whatever its names are', () => {
    const names = fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }).filter((text) => text.trim() !== '')
    const wishes = fc.record({ group: names, who: names, side: fc.constantFrom('legacy' as const, 'modern' as const) })
    fc.assert(
      fc.property(
        wishes,
        fc.integer({ min: 1, max: 86_400 }),
        fc.constant(overrides),
        ({ group, who, side }, seconds, both) => {
          const given = { target: { group }, who, side, expiresAt: start + seconds * 1000 }
          expect(both.read(both.issue(given), start)).toEqual({ ...given, keyId: '2025' })
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is read alike the first time and later, among more than are remembered', () => {
    const tokens = Array.from({ length: 2500 }, (_, number) =>
      overrides.issue({ ...wish, who: `w${number}`, expiresAt: start + hourMs + number * 1000 }),
    )
    for (const at of [start, start + 1, start + hourMs]) {
      const [first, ...others] = tokens.map((token) => overrides.read(token, at))
      expect(first).toEqual(at < start + hourMs ? { ...wish, who: 'w0', keyId: '2025' } : { refused: 'expired' })
      expect(others.map((read) => 'who' in read && read.who)).toEqual(others.map((_, number) => `w${number + 1}`))
    }
    for (const token of tokens.slice(-5))
      expect(overrides.read(`${token.slice(0, -1)}~`, start)).toHaveProperty('refused')
  })

  it('passes while its key is known: a new one signs, the old one still verifies, until it is taken away', () => {
    const token = overrides.issue(wish)
    const both = createOverrides({ keys: [young, old], now })
    expect(both.read(token, start)).toMatchObject({ keyId: '2025' })
    expect(both.read(both.issue(wish), start)).toMatchObject({ keyId: '2026' })
    expect(createOverrides({ keys: [young], now }).read(token, start)).toEqual({ refused: 'unknown-key' })
    const impostor = createOverrides({ keys: [{ ...young, id: '2025' }], now })
    expect(overrides.read(impostor.issue(wish), start)).toEqual({ refused: 'bad-signature' })
  })

  it('is signed by HMAC-SHA256 over all that stands before the signature', () => {
    const token = overrides.issue(wish)
    const at = token.lastIndexOf('.')
    const mac = createHmac('sha256', old.secret).update(token.slice(0, at)).digest('base64url')
    expect(token.slice(at + 1)).toBe(mac)
  })

  it.each([
    [{ expiresAt: start + 24 * hourMs + 1000 }, /more than 24 h away/],
    [{ expiresAt: start - 1 }, /over already/],
    [{ expiresAt: start + 1 }, /over already/],
    [{ expiresAt: Number.NaN }, /over already/],
    [{ who: '' }, /who: it is empty/],
    [{ target: { route: ' ' } }, /route: it is empty/],
    [{ target: { group: 'g'.repeat(300) } }, /group: it has more than 200 characters/],
    [{ side: 'left' as 'legacy' }, /neither legacy nor modern/],
  ])('is not issued with %j', (change, message) => {
    expect(() => overrides.issue({ ...wish, ...change })).toThrow(message)
  })

  it('may last longer where that was asked for', () => {
    const long = createOverrides({ keys: [old], now, lifetimeMaxMs: 48 * hourMs })
    expect(overrides.read(long.issue({ ...wish, expiresAt: start + 40 * hourMs }), start)).toHaveProperty('side')
  })
})

describe('keys', () => {
  it('that are unsafe are refused all at once, with the command that makes a safe one and without the secret', () => {
    const keys = [
      { id: 'a.b', secret: 'x'.repeat(32) },
      { id: 'b', secret: 'too-short-and-secret' },
      { id: 'b', secret: 'y'.repeat(31) },
    ]
    for (const create of [() => createOverrides({ keys }), () => createPins({ keys })]) {
      const error = thrownBy(create)
      expect(isAppError(error, 'controls.key-refused')).toBe(true)
      expect(error.message).toMatch(
        /key 1: its id must be[\s\S]*key 2: its secret has 20 bytes[\s\S]*key 3: its id is taken/,
      )
      expect(error.message).toContain('openssl rand -base64 48')
      expect(error.message).not.toContain('too-short-and-secret')
    }
  })

  it('are needed to sign; without any, every token is refused', () => {
    const none = createOverrides({ keys: [], now })
    expect(thrownBy(() => none.issue(wish)).message).toContain('openssl rand -base64 48')
    expect(none.read(overrides.issue(wish), start)).toEqual({ refused: 'unknown-key' })
  })
})

describe('a pin', () => {
  it('is read as it was signed, until it expires', () => {
    const token = pins.sign(pin)
    expect(pins.read(token, start)).toEqual(pin)
    expect(pins.read(token, pin.expiresAt)).toEqual({ refused: 'expired' })
    expect(pins.read(`${token}A`, start)).toEqual({ refused: 'malformed' })
  })

  it('never passes for an override with the same keys, nor the other way round, nor renamed', () => {
    const [token, other] = [pins.sign(pin), overrides.issue(wish)]
    expect([overrides.read(token, start), pins.read(other, start)]).toEqual([
      { refused: 'malformed' },
      { refused: 'malformed' },
    ])
    expect(overrides.read(token.replace('fp1', 'fo1'), start)).toEqual({ refused: 'bad-signature' })
  })

  it('is not signed without group, flow or a time to come', () => {
    const refused = thrownBy(() => pins.sign({ ...pin, group: '', flow: '', expiresAt: 0 }))
    expect(refused.message).toMatch(/group: it is empty.*flow: it is empty.*over already/)
  })
})

// --- internal ---

function thrownBy(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  return expect.fail('nothing was thrown')
}
