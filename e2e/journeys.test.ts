/** The same visits, whichever side answers, and while the sides change: no visitor can tell. */
import type { Page } from '@playwright/test'
import type { Answer, Side } from './answer-log.ts'
import { type FlagState, type RouteGroup, visitorCookie } from './route-group.ts'
import * as site from './site-steps.ts'
import { type ArrivalOptions, expect, test } from './site-test.ts'
import * as visits from './visits.ts'

interface Mode {
  readonly name: string
  readonly flag: FlagState
  readonly arrival: ArrivalOptions
  /** Before every step of a visit. */
  readonly beforeStep: (group: RouteGroup) => Promise<void>
  readonly answeredBy: readonly Side[]
  /** The other visits are made often enough in the other modes. */
  readonly membersOnly?: boolean
}

const nothing = (): Promise<void> => Promise.resolve()

const modes: readonly Mode[] = [
  { name: 'off', flag: 'off', arrival: {}, beforeStep: nothing, answeredBy: ['legacy'] },
  { name: 'on', flag: 'on', arrival: {}, beforeStep: nothing, answeredBy: ['modern'] },
  {
    name: 'at 50 %, for those who get PHP',
    flag: { percent: 50 },
    arrival: { side: 'legacy' },
    beforeStep: nothing,
    answeredBy: ['legacy'],
    membersOnly: true,
  },
  {
    name: 'at 50 %, for those who get TypeScript',
    flag: { percent: 50 },
    arrival: { side: 'modern' },
    beforeStep: nothing,
    answeredBy: ['modern'],
  },
  {
    name: 'flipped between the steps',
    flag: 'off',
    arrival: {},
    beforeStep: (group) => group.flip(),
    answeredBy: ['legacy', 'modern'],
  },
]

test.afterAll(({ group }) => group.moveTo('off'))

for (const mode of modes) {
  test.describe(`with the flag ${mode.name},`, () => {
    test.beforeAll(({ group }) => group.moveTo(mode.flag))

    test('a member logs in, endorses, comments and logs out', async ({ arrive, group }) => {
      const visitor = await arrive(mode.arrival)
      const { page } = visitor
      const step = stepsOf(group, mode, () => site.expectLoggedIn(page, site.alice))
      const answers = await visitor.answersDuring(async () => {
        await visits.logInToEndorse(page, step, site.alice)
        await visits.comment(page, step, site.alice, `Works for me, ${mode.name}.`)
      })
      expectAnsweredBy(mode.answeredBy, answers, 8)
      await expectLogout(page)
    })

    if (mode.membersOnly) return

    test('a visitor browses, sorts, turns pages and searches', async ({ arrive, group }) => {
      const visitor = await arrive(mode.arrival)
      const step = stepsOf(group, mode)
      const answers = await visitor.answersDuring(() => visits.browse(visitor.page, step))
      expectAnsweredBy(mode.answeredBy, answers, 5)
    })

    test('a member who is remembered comes back logged in', async ({ arrive, group }) => {
      const earlier = await arrive(mode.arrival)
      await earlier.page.goto('/')
      await site.logIn(earlier.page, site.bob, { remember: true })
      const cookies = (await earlier.context.cookies()).filter(({ name }) => lasting.includes(name))
      const later = await arrive({ storageState: { cookies, origins: [] } })
      const step = stepsOf(group, mode, () => site.expectLoggedIn(later.page, site.bob))
      const answers = await later.answersDuring(() => visits.comeBack(later.page, step))
      expectAnsweredBy(mode.answeredBy, answers, 4)
      await expectLogout(later.page)
      expect(await later.cookie(rememberCookie)).toBeUndefined()
    })
  })
}

// --- internal ---

const rememberCookie = 'MVREMEMBER'
/** What is left when a browser is closed. */
const lasting = [rememberCookie, visitorCookie]

/** @param afterStep what has to be true whatever was done */
function stepsOf(group: RouteGroup, mode: Mode, afterStep: () => Promise<void> = nothing): visits.Step {
  return (title, body) =>
    test.step(title, async () => {
      await mode.beforeStep(group)
      await body()
      await afterStep()
    })
}

async function expectLogout(page: Page): Promise<void> {
  await site.logOut(page)
  await page.goto(visits.visitedMod)
  await site.expectLoggedOut(page)
}

/** What needs PHP's session written is left to PHP whatever the flag says: showing a message, a login by cookie. */
const leftToPhp = ['handler-declined:flash-message', 'handler-declined:remember-me']

function expectAnsweredBy(sides: readonly Side[], answers: readonly Answer[], atLeast: number): void {
  const decided = answers.filter(({ reason }) => !leftToPhp.includes(reason))
  expect(decided.filter(({ reason }) => reason !== 'flag-on' && reason !== 'flag-off')).toEqual([])
  expect([...new Set(decided.map(({ target }) => target))].sort()).toEqual(sides)
  expect(decided.length).toBeGreaterThanOrEqual(atLeast)
}
