import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Mysql } from '../db/index.ts'
import type { CapturedTransaction } from './capture/binlog-stream.ts'
import { parseGtid, parseGtidPosition } from './capture/gtid.ts'
import { compileMapping } from './mapping/compile.ts'
import { rowChange } from './mapping/row-change.ts'
import { MysqlPosition } from './mysql-position.ts'
import { PendingTransactions } from './pending-transactions.ts'
import { definition } from './testing/specimens.ts'
import { WaitablePosition } from './waitable-position.ts'

describe('asking MySQL for its position', () => {
  it('is one query for all that ask at the same time, but never one that was sent before they asked', async () => {
    const answers: ((position: string) => void)[] = []
    const mysql = {
      place: 'here',
      positionPool: poolOf(() => new Promise((resolve) => answers.push((position) => resolve([[{ position }]])))),
    } as unknown as Mysql
    const position = new MysqlPosition(mysql)
    const first = position.now()
    const second = position.now()
    const third = position.now()
    await setImmediate()
    expect(answers).toHaveLength(1)
    answers[0]?.('0-1-1')
    expect((await first).get('0')?.sequence).toBe(1n)
    await setImmediate()
    expect(answers).toHaveLength(2)
    const fourth = position.now()
    answers[1]?.('0-1-2')
    expect((await second).get('0')?.sequence).toBe(2n)
    expect(await third).toBe(await second)
    await setImmediate()
    expect(answers).toHaveLength(3)
    answers[2]?.('0-1-3')
    expect((await fourth).get('0')?.sequence).toBe(3n)
  })

  it('is asked again after a failure', async () => {
    const outcomes = [() => Promise.reject(new Error('gone')), async () => [[{ position: '0-1-9' }]]]
    const mysql = { place: 'here', positionPool: poolOf(() => outcomes.shift()?.()) } as unknown as Mysql
    const position = new MysqlPosition(mysql)
    const failing = position.now()
    const waiting = position.now()
    await expect(failing).rejects.toThrow('gone')
    expect((await waiting).get('0')?.sequence).toBe(9n)
  })
})

describe('waiting for a position', () => {
  const target = parseGtidPosition('0-1-5')

  it('ends when it is reached, at once when it already is', async () => {
    const position = new WaitablePosition()
    const waiting = position.reached(target, { timeoutMs: 1000 })
    position.advance(parseGtid('0-1-4'))
    position.advance(parseGtid('0-1-5'))
    expect(await waiting).toBe(true)
    expect(await position.reached(target, { timeoutMs: 0 })).toBe(true)
  })

  it('ends unreached when time is up or the caller leaves', async () => {
    const position = new WaitablePosition()
    expect(await position.reached(target, { timeoutMs: 1 })).toBe(false)
    const leaving = new AbortController()
    const waiting = position.reached(target, { timeoutMs: 1000, signal: leaving.signal })
    leaving.abort()
    expect(await waiting).toBe(false)
    expect(await position.reached(target, { timeoutMs: 1000, signal: leaving.signal })).toBe(false)
  })

  it('goes on across a step back', async () => {
    const position = new WaitablePosition()
    const waiting = position.reached(target, { timeoutMs: 1000 })
    position.advance(parseGtid('0-1-4'))
    position.reset(parseGtidPosition('0-1-2'))
    position.advance(parseGtid('0-1-6'))
    expect(await waiting).toBe(true)
  })
})

describe('transactions that wait to be applied', () => {
  const settings = compileMapping(definition).tables.get('settings')!
  const transaction = (sequence: number, changes: number): CapturedTransaction => ({
    gtid: parseGtid(`0-1-${sequence}`),
    file: '',
    fileOffset: 0,
    transactionId: undefined,
    changes: Array.from({ length: changes }, (_, index) =>
      rowChange(settings, undefined, { key: String(index), value: null }),
    ),
    stops: [],
  })

  it('make reading pause when there are too many, and go on when half of them are gone', () => {
    const calls: string[] = []
    const pending = new PendingTransactions(10, {
      pause: () => calls.push('pause'),
      resume: () => calls.push('resume'),
    })
    for (let sequence = 1; sequence <= 5; sequence += 1) pending.add(transaction(sequence, 4))
    expect(calls).toEqual(['pause'])
    expect(pending.take(8, () => true)).toHaveLength(2)
    expect(calls).toEqual(['pause'])
    pending.take(8, () => true)
    expect(calls).toEqual(['pause', 'resume'])
    expect(pending.changes).toBe(4)
  })

  it('are taken in order, in runs of bounded size, a large one alone, and none beyond one that must end a run', () => {
    const pending = new PendingTransactions(1000, { pause: () => {}, resume: () => {} })
    for (const [sequence, changes] of [5, 5, 50, 0, 0, 1].entries()) pending.add(transaction(sequence, changes))
    const runs: string[] = []
    for (;;) {
      const run = pending.take(10, ({ gtid }) => gtid.sequence !== 4n)
      if (run.length === 0) break
      runs.push(run.map(({ gtid }) => gtid.sequence).join())
    }
    expect(runs).toEqual(['0,1', '2', '3', '4', '5'])
  })

  it('are on their way until the next are asked for', async () => {
    const pending = new PendingTransactions(1000, { pause: () => {}, resume: () => {} })
    pending.add(transaction(1, 1))
    pending.take(10, () => true)
    pending.add(transaction(2, 1))
    expect(pending.unsettled.map(({ gtid }) => gtid.sequence)).toEqual([1n, 2n])
    expect(await pending.available()).toBe(true)
    expect(pending.unsettled.map(({ gtid }) => gtid.sequence)).toEqual([2n])
  })

  it('end for whoever waits for more: quietly, or with what went wrong', async () => {
    const ended = new PendingTransactions(1000, { pause: () => {}, resume: () => {} })
    const waiting = ended.available()
    ended.end()
    expect(await waiting).toBe(false)
    const lost = new PendingTransactions(1000, { pause: () => {}, resume: () => {} })
    lost.add(transaction(1, 1))
    lost.end(new Error('link lost'))
    await expect(lost.available()).rejects.toThrow('link lost')
  })
})

// --- internal ---

function poolOf(query: () => unknown): object {
  return { getConnection: async () => ({ query, release: () => {}, destroy: () => {} }) }
}
