import { describe, expect, it } from 'vitest'
import { silentLogger } from './logger.ts'
import { createShutdown } from './shutdown.ts'

const log = silentLogger()

describe('a shutdown', () => {
  it('closes the last part first, one after the other, and only once', async () => {
    const closed: string[] = []
    const shutdown = createShutdown({ log, deadlineMs: 1_000 })
    shutdown.add('pool', () => {
      closed.push('pool')
    })
    shutdown.add('edge', async () => {
      await new Promise(setImmediate)
      closed.push('edge')
    })
    expect(await Promise.all([shutdown.run(), shutdown.run()])).toEqual(['clean', 'clean'])
    expect(closed).toEqual(['edge', 'pool'])
  })

  it('closes the others although one fails', async () => {
    let closed = false
    const shutdown = createShutdown({ log, deadlineMs: 1_000 })
    shutdown.add('pool', () => {
      closed = true
    })
    shutdown.add('edge', () => {
      throw new Error('stuck')
    })
    expect(await shutdown.run()).toBe('failed')
    expect(closed).toBe(true)
  })

  it('tells a part that its time is over, and goes on without it', async () => {
    const told: string[] = []
    const shutdown = createShutdown({ log, deadlineMs: 20 })
    shutdown.add('pool', (signal) => {
      told.push(`pool ${signal.aborted}`)
    })
    shutdown.add('edge', (signal) => {
      signal.addEventListener('abort', () => told.push('edge'))
      return new Promise(() => {})
    })
    expect(await shutdown.run()).toBe('deadline')
    expect(told).toEqual(['edge', 'pool true'])
  })
})
