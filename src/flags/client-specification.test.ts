import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../platform/index.ts'
import { parseDefinitions } from './definitions.ts'
import { createEvaluator } from './evaluator.ts'
import type { FlagVisitor } from './flags.ts'

/**
 * Unleash's own cases for those who evaluate flags (@unleash/client-specification), run through Fig's evaluator. Fig asks for no
 * variants, so of their cases only counts whether the flag is on. Where Fig means to differ is listed here, each with its reason; a
 * case that differs without standing in the list fails, and so does one that stands in it without differing.
 */
const meantToDiffer: Readonly<Record<string, string>> = {
  'Feature.A3 should be disabled when no user on context':
    'a share by userId is drawn by the visitor, who always has an id',
  'Feature.A4 should be disabled when no user on context': 'a visitor of Fig always has an id',
  'Feature.flexibleRollout.userId.55 should be disabled for sessionId=25':
    'a share by userId is drawn by the visitor, so that nobody moves at login',
  'Feature.flexibleRollout.userId.55 should be disabled if no userId in context':
    'a share by userId is drawn by the visitor, who always has an id',
}

const folder = specificationFolder()
const suites = readJson(folder, 'index.json') as readonly string[]

describe("Unleash's client specification", () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each(suites)('%s', (file) => {
    const suite = readJson(folder, file) as Suite
    const state = parseDefinitions(suite.state)
    if (state === undefined) {
      // Changes one by one, instead of a whole state: Fig does not ask the server for those.
      expect(suite.state).toHaveProperty('events')
      return
    }
    const evaluate = createEvaluator(state, silentLogger())
    const differing: string[] = []
    for (const { description, context, toggleName, expectedResult } of [
      ...(suite.tests ?? []),
      ...(suite.variantTests ?? []),
    ]) {
      const { currentTime } = context
      if (currentTime !== undefined) vi.useFakeTimers({ toFake: ['Date'], now: new Date(currentTime) })
      const isOn = evaluate(toggleName, visitorOf(context)).state === 'on'
      vi.useRealTimers()
      if (isOn !== (typeof expectedResult === 'boolean' ? expectedResult : expectedResult.feature_enabled))
        differing.push(description)
    }
    const allowed = [...(suite.tests ?? []), ...(suite.variantTests ?? [])]
      .map(({ description }) => description)
      .filter((description) => description in meantToDiffer)
    expect(differing).toEqual(allowed)
  })

  it('has every case that Fig means to differ in', () => {
    const all = suites.flatMap((file) => (readJson(folder, file) as Suite).tests ?? [])
    const descriptions = new Set(all.map(({ description }) => description))
    expect(Object.keys(meantToDiffer).filter((description) => !descriptions.has(description))).toEqual([])
  })
})

// --- internal ---

interface Suite {
  readonly state: unknown
  readonly tests?: readonly Case[]
  readonly variantTests?: readonly Case[]
}

interface Case {
  readonly description: string
  readonly context: SpecificationContext
  readonly toggleName: string
  readonly expectedResult: boolean | { readonly feature_enabled: boolean }
}

interface SpecificationContext {
  readonly userId?: string
  readonly sessionId?: string
  readonly remoteAddress?: string
  readonly environment?: string
  readonly appName?: string
  readonly currentTime?: string
  readonly properties?: Readonly<Record<string, unknown>>
}

/** `default` stickiness prefers the userId, so where a case has nothing else it stands for the visitor: the draw is then the same. */
function visitorOf({
  sessionId,
  userId,
  properties = {},
  currentTime: _,
  ...named
}: SpecificationContext): FlagVisitor {
  const given = Object.entries({ ...properties, ...named, ...(userId === undefined ? {} : { memberId: userId }) })
  return {
    id: sessionId ?? userId ?? 'somebody',
    properties: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  }
}

function specificationFolder(): string {
  const description = createRequire(import.meta.url).resolve('@unleash/client-specification/package.json')
  return join(dirname(description), 'specifications')
}

function readJson(from: string, file: string): unknown {
  return JSON.parse(readFileSync(join(from, file), 'utf8'))
}
