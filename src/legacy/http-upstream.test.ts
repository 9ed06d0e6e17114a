import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { RequestFacts } from '../exchange.ts'
import { HeaderList } from '../http1/index.ts'
import { HttpUpstream } from './http-upstream.ts'
import { type PhpUnderTest, playPhp, until } from './testing/legacy-stack.ts'
import type { CallEvents, OutgoingBody, OutgoingRequest } from './upstream-call.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Notes what becomes of a call. */
class Recorder implements CallEvents {
  readonly events: string[] = []
  onConnected(): void {
    this.events.push('connected')
  }
  onDrain(): void {
    this.events.push('drain')
  }
  onInformation(status: number): void {
    this.events.push(`information ${status}`)
  }
  onHead({ status }: { readonly status: number }): void {
    this.events.push(`head ${status}`)
  }
  onData(chunk: Buffer): void {
    this.events.push(`data ${chunk}`)
  }
  onBatchEnd(): void {
    this.events.push('batch')
  }
  onEnd(): void {
    this.events.push('end')
  }
  onFailure(cause: string): void {
    this.events.push(`failure ${cause}`)
  }
  over(): boolean {
    return /^(?:end|failure)/.test(this.events.at(-1) ?? '')
  }
}

function post(body: OutgoingBody): OutgoingRequest {
  return {
    method: 'POST',
    target: '/',
    headers: HeaderList.of('Host', 'a'),
    body,
    facts: undefined as never as RequestFacts,
  }
}

function upstreamFor(php: PhpUnderTest): HttpUpstream {
  return new HttpUpstream({ url: php.url, timeouts: { connectMs: 1_000, firstByteMs: 1_000, idleMs: 1_000 } })
}

describe('a call', () => {
  it('tells events in order, and after each read that it was all', async () => {
    await using php = await playPhp((socket) => socket.write(`HTTP/1.1 103 X\r\n\r\n${ok.slice(0, -1)}`))
    const upstream = upstreamFor(php)
    const recorder = new Recorder()
    const call = upstream.start(post({ kind: 'none' }), recorder)
    expect(call.reused).toBe(false)
    await until(() => recorder.events.includes('batch') || undefined, 'the first read')
    php.sockets[0]?.write('k')
    await until(() => recorder.over() || undefined, 'the end')
    expect(recorder.events).toEqual(['connected', 'information 103', 'head 200', 'data o', 'batch', 'data k', 'end'])
    expect(upstream.start(post({ kind: 'none' }), new Recorder()).reused).toBe(true)
    await upstream.close(AbortSignal.abort())
  })

  it('gets the answer of a server that has answered an upload early and gone, although writing fails first', async () => {
    await using php = await playPhp(() => {})
    const upstream = upstreamFor(php)
    const recorder = new Recorder()
    const call = upstream.start(post({ kind: 'length', length: 10_000_000 }), recorder)
    await until(() => php.heads[0], 'the head at PHP')
    const socket = php.sockets[0] as Socket
    socket.write('HTTP/1.1 413 Large\r\nContent-Length: 3\r\n\r\nbig')
    socket.resetAndDestroy()
    // In the same turn: the answer is in the kernel, and can't have been read yet.
    const taken = call.write(Buffer.alloc(1_000_000))
    await until(() => recorder.over() || undefined, 'the end')
    // Who was told to wait is told to go on: the rest is dropped.
    expect(recorder.events).toEqual(['connected', ...(taken ? [] : ['drain']), 'head 413', 'data big', 'end'])
    expect(call.write(Buffer.alloc(1_000))).toBe(true)
    await until(() => upstream.connections === 0 || undefined, 'the end of the connection')
    await upstream.close()
  })

  it('fails when the server has gone in the middle of an upload without an answer', async () => {
    await using php = await playPhp(() => {})
    const upstream = upstreamFor(php)
    const recorder = new Recorder()
    const call = upstream.start(post({ kind: 'chunked' }), recorder)
    await until(() => php.heads[0], 'the head at PHP')
    php.sockets[0]?.resetAndDestroy()
    const taken = call.write(Buffer.alloc(1_000_000))
    await until(() => recorder.over() || undefined, 'the end')
    expect(recorder.events).toEqual(['connected', ...(taken ? [] : ['drain']), 'failure request-body-upstream'])
    expect(upstream.connections).toBe(0)
    await upstream.close()
  })

  it('sends exactly the bytes that were announced, or is given up', async () => {
    await using php = await playPhp(() => {})
    const upstream = upstreamFor(php)
    for (const feed of ['short', 'much too long']) {
      const recorder = new Recorder()
      const call = upstream.start(post({ kind: 'length', length: 8 }), recorder)
      await until(() => recorder.events[0], 'the connection')
      call.write(Buffer.from(feed))
      call.end()
      expect(recorder.events).toEqual(['connected', 'failure request-body-client'])
    }
    await until(() => php.open() === 0 || undefined, 'the end of the connections')
    expect(php.sockets.some(({ bytesRead }) => bytesRead > 200)).toBe(false)
    await upstream.close()
  })

  it('leaves a connection that is read again, also when its last bytes met somebody who asked for a pause', async () => {
    await using php = await playPhp((socket) => socket.write(ok))
    const upstream = upstreamFor(php)
    for (let i = 0; i < 3; i += 1) {
      const recorder = new Recorder()
      const call = upstream.start(post({ kind: 'none' }), recorder)
      recorder.onData = () => call.pause()
      await until(() => recorder.over() || undefined, 'the end')
      expect(recorder.events).toEqual(['connected', 'head 200', 'end'])
    }
    expect(php.sockets).toHaveLength(1)
    await upstream.close()
  })

  it('says nothing any more once it was given up', async () => {
    await using php = await playPhp((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc'))
    const upstream = upstreamFor(php)
    const recorder = new Recorder()
    const call = upstream.start(post({ kind: 'none' }), recorder)
    await until(() => recorder.events.includes('batch') || undefined, 'the first bytes')
    const before = recorder.events.length
    call.abort()
    call.abort()
    call.end()
    expect(upstream.connections).toBe(0)
    await until(() => php.open() === 0 || undefined, 'the end of the connection')
    expect(recorder.events).toHaveLength(before)
    await upstream.close()
  })

  it('is told at once when the upstream is closed, and opens nothing', async () => {
    await using php = await playPhp((socket) => socket.write(ok))
    const upstream = upstreamFor(php)
    await upstream.close()
    const recorder = new Recorder()
    upstream.start(post({ kind: 'none' }), recorder)
    await until(() => recorder.over() || undefined, 'the end')
    expect(recorder.events).toEqual(['failure stopping'])
    expect(upstream.connections).toBe(0)
  })

  it('tells more than one small chunk of one read apart, and stops in the middle when it is given up', async () => {
    await using php = await playPhp((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n'),
    )
    const upstream = upstreamFor(php)
    const recorder = new Recorder()
    const call = upstream.start(post({ kind: 'none' }), recorder)
    recorder.onData = (chunk) => {
      recorder.events.push(`data ${chunk}`)
      if (String(chunk) === 'b') {
        call.abort()
      }
    }
    await until(() => recorder.events.includes('data b') || undefined, 'two chunks')
    expect(recorder.events).toEqual(['connected', 'head 200', 'data a', 'data b'])
    await upstream.close()
  })
})
