/** Whole visits, the same ones whichever side answers: a visitor can't tell. */
import type { Answer, Side } from './answer-log.ts'
import type { FlagState, RouteGroup } from './route-group.ts'
import * as site from './site-steps.ts'
import { type ArrivalOptions, expect, test } from './site-test.ts'

interface Mode {
  readonly name: string
  readonly flag: FlagState
  readonly arrival: ArrivalOptions
  /** Before every step of a visit. */
  readonly beforeStep: (group: RouteGroup) => Promise<void>
  /** Who has to answer; both: either side. */
  readonly answeredBy: Side | 'both'
}

const nothing = (): Promise<void> => Promise.resolve()

const modes: readonly Mode[] = [
  { name: 'off', flag: 'off', arrival: {}, beforeStep: nothing, answeredBy: 'legacy' },
  { name: 'on', flag: 'on', arrival: {}, beforeStep: nothing, answeredBy: 'modern' },
  {
    name: 'at 50 %, for a visitor who gets PHP',
    flag: { percent: 50 },
    arrival: { side: 'legacy' },
    beforeStep: nothing,
    answeredBy: 'legacy',
  },
  {
    name: 'at 50 %, for a visitor who gets TypeScript',
    flag: { percent: 50 },
    arrival: { side: 'modern' },
    beforeStep: nothing,
    answeredBy: 'modern',
  },
  {
    name: 'flipped between the steps',
    flag: 'off',
    arrival: {},
    beforeStep: (group) => group.flip(),
    answeredBy: 'both',
  },
]

for (const mode of modes) {
  test.describe(`with the flag ${mode.name}`, () => {
    test.beforeAll(({ group }) => group.moveTo(mode.flag))
    test.afterAll(({ group }) => group.moveTo('off'))

    test('a visitor browses, sorts, turns pages and searches', async ({ arrive, group }) => {
      const visitor = await arrive(mode.arrival)
      const { page } = visitor
      const step = stepsOf(group, mode)
      const answers = await visitor.answersDuring(async () => {
        await step('opens the home page', async () => {
          await page.goto('/')
          await expect(page.getByRole('heading', { name: 'Latest mods' })).toBeVisible()
        })
        await step('chooses a game', async () => {
          await page.locator('#menu').getByRole('link', { name: 'All games' }).click()
          await page.locator('.gamelist h2').getByRole('link', { name: 'Skyrim', exact: true }).click()
          await expect(page.getByRole('heading', { level: 1 })).toHaveText('Skyrim')
        })
        await step('sorts by endorsements and turns the page', async () => {
          await page.getByRole('link', { name: 'Most endorsed' }).click()
          await expect(page.locator('.sorts strong')).toHaveText('Most endorsed')
          await page.locator('.pages').first().getByRole('link', { name: 'Next' }).click()
          await expect(page.locator('.pages-of').first()).toContainText('Page 2 of ')
          await expect(page.locator('.sorts strong')).toHaveText('Most endorsed')
        })
        await step('looks at a mod of the list', async () => {
          const link = page.locator('.mods h3').nth(1).getByRole('link')
          const name = await link.innerText()
          await link.click()
          await expect(page.getByRole('heading', { level: 1 })).toContainText(name)
        })
        await step('comes back, and to the next mod', async () => {
          await page.goBack()
          await page.locator('.mods h3').nth(2).getByRole('link').click()
          await expect(page.locator('#description')).toBeVisible()
        })
        await step('searches', async () => {
          await page.getByLabel('Search mods').fill('dragon')
          await page.getByRole('button', { name: 'Go' }).click()
          await expect(page.locator('#main h2').first()).toHaveText(/^\d+ mods$/)
        })
        await step('looks at what was found', async () => {
          await page.locator('.mods h3').first().getByRole('link').click()
          await expect(page.locator('#endorse')).toContainText('Log in to endorse')
          await site.expectLoggedOut(page)
        })
        await step('reads older comments', async () => {
          await page.goto('/skyrim/mods/12')
          await page.locator('#comments .pages').first().getByRole('link', { name: 'Next' }).click()
          await expect(page.locator('#comments .pages-of').first()).toContainText('Page 2 of ')
        })
      })
      expectAnsweredBy(mode.answeredBy, answers, 5)
    })

    test('a member logs in, endorses, comments and logs out', async ({ arrive, group }) => {
      const visitor = await arrive(mode.arrival)
      const { page } = visitor
      const step = stepsOf(group, mode, () => site.expectLoggedIn(page, site.alice))
      const words = `Works for me, ${mode.name}.`
      let count = 0
      const answers = await visitor.answersDuring(async () => {
        await step('logs in on the way to endorse', async () => {
          await page.goto('/skyrim/mods/12')
          count = await site.endorsements(page)
          await page.getByRole('link', { name: 'Log in to endorse' }).click()
          await site.fillLogin(page, site.alice)
          await expect(page).toHaveURL('/skyrim/mods/12')
          await site.expectNoMessageAfterReload(page)
        })
        await step('endorses', () => site.pressEndorse(page, 'endorse'))
        await step('finds it endorsed', async () => {
          await page.reload()
          await site.expectEndorsements(page, count + 1)
          await expect(site.endorser(page, site.alice)).toBeVisible()
        })
        await step('takes it back', () => site.pressEndorse(page, 'take back'))
        await step('finds it taken back', async () => {
          await page.reload()
          await site.expectEndorsements(page, count)
          await expect(site.endorser(page, site.alice)).toHaveCount(0)
        })
        await step('comments', () => site.postComment(page, words))
        await step('finds the comment, and no message any more', async () => {
          await site.expectNoMessageAfterReload(page)
          await expect(site.commentWith(page, words)).toBeVisible()
        })
        await step('opens the form for a reply', async () => {
          await site.commentWith(page, words).getByRole('link', { name: 'Reply' }).click()
          await expect(page.getByRole('heading', { name: 'Reply to alice' })).toBeVisible()
        })
        await step('replies', async () => {
          await site.postComment(page, `${words} Really.`)
          await expect(site.commentWith(page, `${words} Really.`)).toContainText('in reply to alice')
        })
        await step('edits the reply', () => site.editComment(page, `${words} Really.`, `${words} Mostly.`))
        await step('deletes the reply', () => site.deleteComment(page, `${words} Mostly.`))
        await step('deletes the comment', () => site.deleteComment(page, words))
        await step('opens pages of a member only', async () => {
          await site.expectNoMessageAfterReload(page)
          await page.getByRole('link', { name: 'Dashboard' }).click()
          await site.expectLoggedIn(page, site.alice)
          await page.goto('/skyrim/mods/16')
        })
      })
      expectAnsweredBy(mode.answeredBy, answers, 10)
      await site.logOut(page)
      await page.goto('/skyrim/mods/12')
      await site.expectLoggedOut(page)
      await site.expectEndorsements(page, count)
    })

    test('a member who is remembered comes back logged in', async ({ arrive, group }) => {
      const first = await arrive(mode.arrival)
      await first.page.goto('/skyrim/mods/16')
      await site.logIn(first.page, site.bob, { remember: true })
      const cookies = await first.context.cookies()
      const remembered = cookies.filter(({ name }) => name === 'MVREMEMBER' || name === 'fig_visitor')

      const later = await arrive({ storageState: { cookies: remembered, origins: [] } })
      const { page } = later
      const step = stepsOf(group, mode, () => site.expectLoggedIn(page, site.bob))
      const answers = await later.answersDuring(async () => {
        await step('opens a mod with nothing but that cookie', () => page.goto('/skyrim/mods/16'))
        await step('looks again', () => page.reload())
        await step('endorses', () => site.pressEndorse(page, 'endorse'))
        await step('takes it back', () => site.pressEndorse(page, 'take back'))
        await step('looks at another mod', () => page.goto('/skyrim/mods/17'))
      })
      expectAnsweredBy(mode.answeredBy, answers, 4)
      await site.logOut(page)
      expect(await later.cookie('MVREMEMBER')).toBeUndefined()
      await page.goto('/skyrim/mods/16')
      await site.expectLoggedOut(page)
    })
  })
}

// --- internal ---

/** @param afterStep what has to be true whatever was done */
function stepsOf(
  group: RouteGroup,
  mode: Mode,
  afterStep: () => Promise<void> = nothing,
): (title: string, body: () => Promise<unknown>) => Promise<void> {
  return (title, body) =>
    test.step(title, async () => {
      await mode.beforeStep(group)
      await body()
      await afterStep()
    })
}

/** What needs PHP's session written is left to PHP whatever the flag says: showing a message, a login by cookie. */
const leftToPhp = ['handler-declined:flash-message', 'handler-declined:remember-me']

function expectAnsweredBy(side: Side | 'both', answers: readonly Answer[], atLeast: number): void {
  const decided = answers.filter(({ reason }) => !leftToPhp.includes(reason))
  expect(decided.filter(({ reason }) => reason !== 'flag-on' && reason !== 'flag-off')).toEqual([])
  const sides = new Set(decided.map(({ target }) => target))
  expect([...sides].sort()).toEqual(side === 'both' ? ['legacy', 'modern'] : [side])
  expect(decided.length).toBeGreaterThanOrEqual(atLeast)
}
