import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPhpBridge } from './bridge.ts'
import { cookieValue } from './cookies.ts'
import { MalformedPhpValue, parsePhpValue } from './serialized.ts'
import { decodeSession } from './session.ts'

/** PHP itself writes the session, so that the test can't share a misunderstanding with the code. */
function writtenByPhp(directory: string, id: string, assignments: string): void {
  const script = `session_save_path($argv[1]); session_id($argv[2]); session_start(); ${assignments} session_write_close();`
  execFileSync('php', ['-d', 'serialize_precision=-1', '-r', script, directory, id], { stdio: 'pipe' })
}

describe('a session that PHP wrote', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'fig-session-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const read = (id: string) =>
    createPhpBridge({ sessionPath: directory, cookieName: 'PHPSESSID' }).session(`a=b; PHPSESSID=${id}`)

  it('gives its keys, whatever bytes stand in the values before them', async () => {
    writtenByPhp(
      directory,
      'mixed1',
      `$_SESSION['note'] = "a|b;s:3:\\"x\\";\\0\\xff}"; $_SESSION['cart'] = ['x' => [1, 2.5, null, true], 7 => new ArrayObject([1])];
       $_SESSION['user_id'] = 3; $_SESSION['csrf'] = str_repeat('ab', 16); $_SESSION['flash'] = [];`,
    )
    const session = await read('mixed1')
    expect(session?.integer('user_id')).toBe(3n)
    expect(session?.text('csrf')).toBe('ab'.repeat(16))
    expect(session?.isTruthy('flash')).toBe(false)
    expect(session?.isTruthy('cart')).toBe(true)
    expect(session?.get('note')).toEqual({ type: 'string', bytes: Buffer.from('a|b;s:3:"x";\0\xff}', 'latin1') })
  })

  it('keeps integers beyond 2^53 and the text of floats', async () => {
    writtenByPhp(directory, 'numbers1', `$_SESSION['big'] = PHP_INT_MAX; $_SESSION['f'] = 0.1; $_SESSION['n'] = -0.0;`)
    const session = await read('numbers1')
    expect(session?.integer('big')).toBe(9223372036854775807n)
    expect(session?.get('f')).toEqual({ type: 'float', text: '0.1' })
    expect(session?.get('n')).toEqual({ type: 'float', text: '-0' })
  })

  it('tells shared variables from shared objects', async () => {
    writtenByPhp(
      directory,
      'shared1',
      `$a = [1]; $_SESSION['l'] = [&$a, &$a]; $o = new stdClass; $_SESSION['o'] = [$o, $o];`,
    )
    const session = await read('shared1')
    const kinds = ['l', 'o'].map((key) => {
      const list = session?.get(key)
      const last = list?.type === 'array' ? list.entries[1]?.value : undefined
      return last?.type === 'reference' ? last.kind : undefined
    })
    expect(kinds).toEqual(['R', 'r'])
  })

  it('takes an unset type for a missing key: "3" is no user id', async () => {
    writtenByPhp(directory, 'types1', `$_SESSION['user_id'] = '3';`)
    expect((await read('types1'))?.integer('user_id')).toBeUndefined()
  })

  it('is undefined for no cookie, an unknown id and an id that would leave the folder', async () => {
    const bridge = createPhpBridge({ sessionPath: directory, cookieName: 'PHPSESSID' })
    expect(await bridge.session(undefined)).toBeUndefined()
    expect(await read('nosuchsession')).toBeUndefined()
    writeFileSync(join(directory, 'secret'), 'user_id|i:1;')
    expect(await read('x/../../secret')).toBeUndefined()
  })

  it('is an error, not a logged-out visitor, when the file is damaged', async () => {
    writeFileSync(join(directory, 'sess_broken1'), 'user_id|i:3;csrf|s:99:"short";')
    await expect(read('broken1')).rejects.toMatchObject({ code: 'php.session-unreadable' })
  })
})

describe('hostile bytes', () => {
  it.each([
    ['a length beyond the input', 's:999999999:"x";'],
    ['a count beyond the input', 'a:4000000000:{}'],
    ['a key that is an array', 'a:1:{a:0:{}i:1;}'],
    ['nesting without end', 'a:1:{i:0;'.repeat(100_000)],
    ['an unknown type', 'x:1;'],
    ['an early end', 'i:12'],
  ])('are refused: %s', (_, text) => {
    expect(() => parsePhpValue(Buffer.from(text))).toThrow(MalformedPhpValue)
  })

  it('are refused where a key has no value', () => {
    expect(() => decodeSession(Buffer.from('user_id'))).toThrow(MalformedPhpValue)
  })
})

describe('a request cookie', () => {
  it.each([
    ['the first of two wins', 'x=1; x=2', '1'],
    ['plus stays plus, %20 is a blank', 'x=a+b%20c', 'a+b c'],
    ['a name without = is empty', 'y; x', ''],
    ['blanks around the value stay', 'x= q ; z=1', ' q '],
    ['another name is not a prefix match', 'xx=1', undefined],
  ])('%s', (_, header, expected) => {
    expect(cookieValue(header, 'x')).toBe(expected)
  })
})
