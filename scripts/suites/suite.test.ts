import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeSuites } from './suite.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fig-suite-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function report(name: string, content: unknown): void {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(content))
}

const green = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0, testResults: [] }

describe('reading what a test runner reports', () => {
  it('counts what vitest counted', () => {
    report('unit', { ...green, numFailedTests: 2 })
    expect(describeSuites(folder).unit.read(1)).toEqual({ passed: 5, failed: 2, skipped: 1 })
  })

  it('counts a test file that could not be loaded as a failure', () => {
    report('db', { ...green, testResults: [{ status: 'failed', assertionResults: [] }] })
    expect(describeSuites(folder).db.read(1)).toMatchObject({ passed: 5, failed: 1 })
  })

  it('is a failure when nothing was run', () => {
    report('site', { ...green, numPassedTests: 0 })
    expect(describeSuites(folder).site.read(0)).toMatchObject({ failed: 1, problem: 'it ran nothing' })
  })

  it('is a failure when there is no report', () => {
    expect(describeSuites(folder).unit.read(0)).toMatchObject({ failed: 1, problem: 'it ended without a report' })
  })

  it('is a failure when the runner failed and no test did, as after an error between tests', () => {
    report('unit', green)
    expect(describeSuites(folder).unit.read(1)).toMatchObject({ passed: 5, failed: 1 })
  })

  it('counts a browser test that needed a second try as a failure, and errors outside tests too', () => {
    report('e2e', { stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 0 }, errors: [{}] })
    expect(describeSuites(folder).e2e.read(1)).toEqual({ passed: 3, failed: 3, skipped: 0 })
  })
})
