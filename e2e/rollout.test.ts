/** A flag that is on for some: who gets which side, for how long, and that nobody can tell. */
import type { Answer, Side } from './answer-log.ts'
import { visitorCookie } from './route-group.ts'
import * as site from './site-steps.ts'
import { expect, test } from './site-test.ts'
import type { Visitor } from './visitor.ts'

const requestsEach = 6
const modPath = '/skyrim/mods/16'

test.beforeAll(({ group }) => group.moveTo({ percent: 50 }))
test.afterAll(({ group }) => group.moveTo('off'))

test('at 50 %, visitors are split, and each one stays on one side', async ({ arrive }) => {
  const given: Record<Side, number> = { legacy: 0, modern: 0 }
  // Forty on one side would not be chance.
  for (let number = 0; number < 40 && Math.min(given.legacy, given.modern) < 2; number++) {
    const visitor = await arrive()
    const answers = await visitor.answersDuring(async () => {
      await visitor.page.goto(modPath)
      for (let request = 1; request < requestsEach; request++) await visitor.fetch(modPath)
    })
    expect(answers).toHaveLength(requestsEach)
    given[onlySide(answers)]++
    await visitor.page.close()
  }
  expect(Math.min(given.legacy, given.modern), JSON.stringify(given)).toBeGreaterThanOrEqual(2)
})

for (const side of ['legacy', 'modern'] as const) {
  test(`at 50 %, who is given ${side} keeps it through login and logout, and gets it back after an interruption`, async ({
    group,
    arrive,
  }) => {
    const visitor = await arrive({ side })
    const { page } = visitor
    const id = await visitor.cookie(visitorCookie)
    const answers = await visitor.answersDuring(async () => {
      await page.goto(modPath)
      await site.logIn(page, site.bob)
      await page.goto(modPath)
      await site.pressEndorse(page, 'endorse')
      await page.reload()
      await site.pressEndorse(page, 'take back')
      await site.logOut(page)
      await page.goto(modPath)
      await site.logIn(page, site.alice)
      await page.goto(modPath)
      await site.logOut(page)
      await page.goto('/skyrim/mods/17')
    })
    expect(onlySide(answers)).toBe(side)
    await group.moveTo(side === 'modern' ? 'off' : 'on')
    expect(onlySide(await visitor.answersDuring(() => page.goto(modPath)))).not.toBe(side)
    await group.moveTo({ percent: 50 })
    expect(onlySide(await visitor.answersDuring(() => page.goto(modPath)))).toBe(side)
    expect(await visitor.cookie(visitorCookie)).toBe(id)
  })
}

test('the visitor cookie is given only while the flag is partial, once, and only where a route asks', async ({
  group,
  arrive,
}) => {
  for (const state of ['off', 'on'] as const) {
    await group.moveTo(state)
    const visitor = await arrive()
    await visitor.page.goto(modPath)
    await visitor.page.goto('/')
    expect(await visitor.cookie(visitorCookie)).toBeUndefined()
  }
  await group.moveTo({ percent: 50 })
  const visitor = await arrive()
  await visitor.page.goto('/')
  expect(await visitor.cookie(visitorCookie)).toBeUndefined()
  const first = await visitor.fetch(modPath)
  expect(first.headers['set-cookie']).toMatch(
    new RegExp(`^${visitorCookie}=[\\w-]{22}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Lax$`),
  )
  const second = await visitor.fetch(modPath)
  expect(second.headers['set-cookie']).toBeUndefined()
})

test('nothing in an answer tells which side it came from', async ({ arrive }) => {
  const [legacy, modern] = await Promise.all([
    seenBy(await arrive({ side: 'legacy' })),
    seenBy(await arrive({ side: 'modern' })),
  ])
  expect(modern).toEqual(legacy)
})

// --- internal ---

/** By the reason, not by who answered in the end: PHP also does what the modern side leaves to it. */
function onlySide(answers: readonly Answer[]): Side {
  const sides = answers.map(({ reason }): Side => (reason === 'flag-off' ? 'legacy' : 'modern'))
  expect(new Set(sides).size, JSON.stringify(answers)).toBe(1)
  return sides[0] as Side
}

/** Headers of one connection or moment, which differ from answer to answer of the same side. */
const ofTheConnection = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'])

async function seenBy(visitor: Visitor): Promise<object> {
  const { html, headers } = await visitor.fetch(modPath)
  return {
    html,
    headers: Object.entries(headers)
      .filter(([name]) => !ofTheConnection.has(name))
      .sort(),
  }
}
