import { describe, expect, it } from 'vitest'
import { createOverrides } from '../controls/index.ts'
import { overrideCookie } from '../edge/index.ts'
import { overrideNames } from './override-text.ts'
import { fig, figJson } from './testing/run-in-process.ts'

const secret = 's'.repeat(40)
const env = { FIG_SIGNING_KEYS: `a:${secret}` }

describe('fig override', () => {
  it('makes a token that a running Fig takes, and reads it again in whatever it comes', async () => {
    const made = await figJson(['override', 'create', '--route', 'cart', '--side', 'modern', '--for', '2h'], env)
    const overrides = createOverrides({ keys: [{ id: 'a', secret }] })
    const read = overrides.read(String(made.token), Date.now())
    expect(read).toMatchObject({ target: { route: 'cart' }, side: 'modern', who: expect.stringMatching(/.@./) })
    const lifetimeMs = Date.parse(String(made.expiresAt)) - Date.now()
    expect(lifetimeMs).toBeGreaterThan(7_190_000)
    expect(lifetimeMs).toBeLessThanOrEqual(7_200_000)
    for (const form of [made.token, made.header, made.cookie, `https://shop.example/a?b=1&${made.parameter}&c=2#d`]) {
      const { code, stdout } = await fig(['override', 'read', String(form)], env)
      expect(code).toBe(0)
      expect(stdout).toMatch(/gives +route cart from modern\nwho .*@.*\nend .* in 120 min\nkey +a/)
    }
  })

  it('says header, cookie, link and end', async () => {
    const { stdout } = await fig(['override', 'create', '--all', '--side', 'legacy', '--who', 'ada'], env)
    expect(stdout).toMatch(/every route from legacy until .* \(60 min\)/)
    expect(stdout).toMatch(
      /header +x-fig-override: fo1\.a\..*\ncookie +fig_override=fo1.*\nlink +\?fig_override=.*\nend +2/,
    )
    expect(overrideNames.cookie).toBe(overrideCookie)
  })

  it('says why a token changes nothing', async () => {
    const { token } = await figJson(['override', 'create', '--all', '--side', 'legacy'], env)
    const other = { FIG_SIGNING_KEYS: `a:${'t'.repeat(40)}` }
    expect(await figJson(['override', 'read', String(token)], other)).toMatchObject({
      exit: 1,
      refused: 'bad-signature',
    })
    expect(await figJson(['override', 'read', 'x'], env)).toMatchObject({ exit: 1, refused: 'malformed' })
  })

  it.each([
    [['create', '--all', '--side', 'legacy'], {}, /FIG_SIGNING_KEYS="a:\$\(openssl rand -hex 32\)"/],
    [['read', 'x'], {}, /openssl rand/],
    [['create', '--side', 'legacy'], env, /one of --route <id>, --group <name>, --all/],
    [['create', '--all', '--group', 'a', '--side', 'legacy'], env, /has to be said once/],
    [['create', '--all'], env, /--side is missing/],
    [['create', '--all', '--side', 'left'], env, /--side "left" is none; give legacy or modern/],
    [['create', '--all', '--side', 'legacy', '--for', 'soon'], env, /--for "soon" is no time/],
    [['create', '--all', '--side', 'legacy', '--for', '25h'], env, /--for: it is more than 24 h away/],
    [['create', '--all', '--side', 'legacy', '--for', '1h', '--for', '2h'], env, /--for is given more than once/],
    [['create', '--all=yes', '--side', 'legacy'], env, /--all takes no value/],
    [['crate'], env, /"crate" can't be done/],
    [[], env, /give create or read/],
    [['create', '--all', '--side'], env, /--side needs a value; write --side <side>/],
    [['create', '--al'], env, /there is no option --al; give --route/],
  ] as const)('answers %j with what is missing', async (args, settings, message) => {
    const { code, stdout, stderr } = await fig(['override', ...args], settings)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})
