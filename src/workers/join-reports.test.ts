import { describe, expect, it } from 'vitest'
import type { OperatorReport } from '../operator/index.ts'
import { joinReports, type PrimaryReport, type WorkerReport } from './join-reports.ts'

const primary: PrimaryReport = { problems: [], status: { uptimeSeconds: 9 }, draining: false }

function worker(number: number, report: Partial<OperatorReport> | undefined, state: WorkerReport['state'] = 'serving') {
  const complete = { ready: true, problems: [], final: false, status: {} }
  return {
    worker: number,
    pid: 100 + number,
    state,
    uptimeSeconds: 1,
    report: report === undefined ? undefined : { ...complete, ...report },
  } satisfies WorkerReport
}

const waiting = { ready: false, problems: ['sync: connecting'] }
const wrong = { ready: false, problems: ['sync: no such column'], final: true }

describe('several workers are', () => {
  it.each([
    ['ready when all are', [worker(1, {}), worker(2, {})], true],
    ['ready when one is, and the others are not yet', [worker(1, waiting), worker(2, {})], true],
    ['ready when one hangs', [worker(1, undefined), worker(2, {})], true],
    ['not ready when none is', [worker(1, waiting), worker(2, waiting)], false],
    ['not ready when the one that is ready drains', [worker(1, waiting), worker(2, {}, 'draining')], false],
    ['not ready when one says that waiting does not help', [worker(1, {}), worker(2, wrong)], false],
    ['not ready when there is none', [], false],
  ] as const)('%s', (_, workers, ready) => {
    expect(joinReports(primary, workers).ready).toBe(ready)
  })

  it('not ready while the primary drains', () => {
    expect(joinReports({ ...primary, draining: true }, [worker(1, {})]).ready).toBe(false)
  })

  it('told with the problems of each, and final where one is', () => {
    const joined = joinReports({ ...primary, problems: ['1 of the workers not started yet'] }, [
      worker(1, waiting),
      worker(2, wrong),
      worker(3, undefined),
      worker(4, undefined, 'starting'),
    ])
    expect(joined.problems).toEqual([
      '1 of the workers not started yet',
      'worker 1: sync: connecting',
      'worker 2: sync: no such column',
      'worker 3: does not answer',
    ])
    expect(joined.final).toBe(true)
  })
})

describe('the status of several workers', () => {
  const follows = { stream: 'streaming', position: '0-1-9' }
  const { status } = joinReports(primary, [
    worker(1, { status: { routes: ['r'], flags: { ageMs: 5 }, sync: { stream: 'standby' }, requestsRunning: 2 } }),
    worker(2, { status: { routes: ['r'], flags: { ageMs: 7 }, sync: follows, requestsRunning: 3 } }),
    worker(3, { status: { routes: ['r'], requestsRunning: 4 } }, 'draining'),
  ])

  it('has what is the same in all of them once, and of sync what the one says that follows MySQL', () => {
    expect(status).toMatchObject({ routes: ['r'], flags: { ageMs: 5 }, sync: follows, uptimeSeconds: 9 })
  })

  it('adds up what can be added, those that drain included', () => {
    expect(status.requestsRunning).toBe(9)
    expect(status).not.toHaveProperty('connections')
  })

  it('has each of them by itself, without the table of routes', () => {
    expect(status.workers).toMatchObject([
      { worker: 1, pid: 101, state: 'serving', requestsRunning: 2, flags: { ageMs: 5 } },
      { worker: 2, sync: follows },
      { worker: 3, state: 'draining', requestsRunning: 4 },
    ])
    for (const one of status.workers as readonly object[]) expect(one).not.toHaveProperty('routes')
  })
})
