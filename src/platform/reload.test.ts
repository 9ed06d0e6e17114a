import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { createReload } from './reload.ts'

describe('reading anew', () => {
  it('reaches every part, also after one that fails, and says which', async () => {
    const lines: Readonly<Record<string, unknown>>[] = []
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)) as Record<string, unknown>)
        done()
      },
    })
    const reload = createReload(createLogger({ destination }))
    const read: string[] = []
    reload.add('first', async () => {
      read.push('first')
    })
    reload.add('broken', () => Promise.reject(new Error('no such file')))
    reload.add('last', async () => {
      read.push('last')
    })
    await reload.run()
    expect(read).toEqual(['first', 'last'])
    expect(lines).toMatchObject([
      { level: 'error', part: 'broken', err: { message: 'no such file' } },
      { level: 'info', msg: 'read anew' },
    ])
  })
})
