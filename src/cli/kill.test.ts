import { createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fig, figJson } from './testing/run-in-process.ts'

const why = ['--why', 'wrong prices']

describe('fig kill', () => {
  it.each([
    [['kill'], /what is to be killed is missing; give all, group <name>, or side/],
    [['kill', 'everything', ...why], /"everything" can't be killed; give all/],
    [['kill', 'all'], /--why is missing/],
    [['kill', 'all', '--why', '  '], /--why is missing/],
    [['kill', 'all', 'cart', ...why], /"cart" is one word too many/],
    [
      ['kill', 'all', '--why', 'wrong', 'prices'],
      /"prices" is one word too many; a reason stands behind --why, in quotes/,
    ],
    [['kill', 'group', ...why], /the group to kill is missing/],
    [['kill', 'side', 'left', ...why], /"left" is no side; give legacy or modern/],
    [['kill', 'all', ...why, ...why], /--why is given more than once/],
    [['kill', 'all', ...why], /no database is given.*set FIG_POSTGRES_URL, or give --postgres postgres:\/\//],
    [['undo'], /--why is missing/],
    [['undo', 'x1', ...why], /"x1" is no id of a kill; give one that fig kills lists/],
    [['undo', '1', '2', ...why], /one kill is undone at a time/],
    [['kills', 'all'], /takes no word/],
    [['kills', '--history', 'many'], /--history "many" is no number/],
    [['kills', '--postgres', 'x'], /--postgres: give a URL such as postgres:/],
  ])('answers %j with what is missing', async (args, message) => {
    const { code, stdout, stderr } = await fig(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it('says that the password is wrong, and never what it is', async () => {
    await using postgres = await listening((socket) => {
      const fields = 'SFATAL\0C28P01\0Mpassword authentication failed for user "fig"\0\0'
      const head = Buffer.alloc(5, 'E')
      head.writeUInt32BE(fields.length + 4, 1)
      socket.once('data', () => socket.end(Buffer.concat([head, Buffer.from(fields)])))
    })
    const { code, stdout, stderr } = await fig(['kill', 'all', ...why, '--json', '--postgres', postgres.url])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^fig: Postgres at 127\.0\.0\.1:\d+\/shop: the password is wrong; correct it in the URL/)
    expect(stdout + stderr).not.toContain('hush')
  })

  it('does not wait for a database that says nothing', async () => {
    await using postgres = await listening(() => undefined)
    const startedAt = performance.now()
    const answer = await figJson(['kill', 'all', ...why, '--postgres', postgres.url])
    expect(answer).toMatchObject({
      exit: 1,
      ok: false,
      message: expect.stringMatching(/could not be reached|no answer/),
    })
    expect(performance.now() - startedAt).toBeLessThan(6_000)
  })
})

// --- internal ---

async function listening(onSocket: (socket: Socket) => void): Promise<AsyncDisposable & { readonly url: string }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `postgres://fig:hush@127.0.0.1:${port}/shop`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
