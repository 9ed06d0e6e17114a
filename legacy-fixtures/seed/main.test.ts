import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

describe('node seed/main.ts', () => {
  test('explains itself', async () => {
    const { code, output } = await run('--help')
    expect(code).toBe(0)
    expect(output).toContain('--mods N')
  })

  test.each([
    [['--mods', '12'], 'mods must be a whole number from 100'],
    [['--mods', 'many'], "--mods must be a whole number, not 'many'"],
    [['--mods', '-5'], '--mods'],
    [['--mods', '1e6'], '--mods must be a whole number'],
    [['--port', '99999'], '--port must be 1 to 65535'],
    [['--database', 'a`b'], 'letters, digits and _'],
    [['--colour'], '--help lists the options'],
  ])('refuses %j', async (words, message) => {
    const { code, errors } = await run(...words)
    expect(errors).toContain(message)
    expect(code).toBe(2)
  })

  test('says that no server answers', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as { port: number }
    closed.close()
    await once(closed, 'close')
    const { code, errors } = await run('--port', String(port))
    expect(errors).toContain(`No MariaDB or MySQL server answers at 127.0.0.1:${port}`)
    expect(code).toBe(3)
  })
})

// --- internal ---

interface Finished {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

async function run(...words: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url)), ...words])
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, errors }
}
