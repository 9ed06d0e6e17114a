/** Two people at the same time, one of them served by PHP, the other by TypeScript: what one does, the other sees at once. */
import type { Side } from './answer-log.ts'
import { holdFollower } from './hold-follower.ts'
import * as site from './site-steps.ts'
import { expect, test } from './site-test.ts'
import type { Visitor } from './visitor.ts'

const names: Readonly<Record<Side, string>> = { legacy: 'PHP', modern: 'TypeScript' }
const directions: readonly (readonly [Side, Side])[] = [
  ['legacy', 'modern'],
  ['modern', 'legacy'],
]
/** Every test has mods of its own, so that one that fails does not fail the others. Neither alice nor bob has endorsed them. */
const mods = { legacy: [18, 19, 20], modern: [21, 22, 23], together: 24, held: 26 } as const
/** A race that is lost one time in ten has to be noticed. */
const rounds = 8

test.beforeAll(({ group }) => group.moveTo({ percent: 50 }))
test.afterAll(({ group }) => group.moveTo('off'))

for (const [here, there] of directions) {
  const [endorsed, changed, commented] = mods[here].map(modPath) as [string, string, string]
  test(`an endorsement made by ${names[here]} is in the very next page of ${names[there]}`, async ({ arrive }) => {
    const alice = await arriveAs(site.alice, await arrive({ side: here }), endorsed)
    const bob = await arriveAs(site.bob, await arrive({ side: there }), endorsed)
    const count = await site.endorsements(alice.page)
    for (let round = 0; round < rounds; round++) {
      const [action, expected] = round % 2 === 0 ? (['endorse', 1] as const) : (['take back', 0] as const)
      const written = site.endorseAnswer(alice.page)
      const pressed = site.pressEndorse(alice.page, action)
      expect(await written).toBe(200)
      const seen = readMod((await bob.fetch(endorsed)).html)
      expect(seen).toEqual({ count: count + expected, endorsedByAlice: expected === 1 })
      await pressed
    }
    await site.pressEndorse(alice.page, 'endorse')
    await bob.page.reload()
    await site.expectEndorsements(bob.page, count + 1)
    await expect(site.endorser(bob.page, site.alice)).toBeVisible()
    await site.pressEndorse(alice.page, 'take back')
    await expectAnsweredBy(alice, endorsed, here)
    await expectAnsweredBy(bob, endorsed, there)
  })

  test(`who changes from ${names[here]} to ${names[there]} finds the own endorsement`, async ({ arrive, group }) => {
    await group.moveTo(here === 'modern' ? 'on' : 'off')
    const alice = await arriveAs(site.alice, await arrive(), changed)
    const count = await site.endorsements(alice.page)
    await site.pressEndorse(alice.page, 'endorse')
    await group.flip()
    // The page is older than the flip: its button and its token have to work on the other side too.
    await site.pressEndorse(alice.page, 'take back')
    await site.pressEndorse(alice.page, 'endorse')
    await alice.page.reload()
    await site.expectEndorsements(alice.page, count + 1)
    await site.pressEndorse(alice.page, 'take back')
    await group.moveTo({ percent: 50 })
  })

  test(`comments of somebody on ${names[here]} are in the very next page of ${names[there]}`, async ({ arrive }) => {
    const alice = await arriveAs(site.alice, await arrive({ side: here }), commented)
    const bob = await arriveAs(site.bob, await arrive({ side: there }), commented)
    const text = `Seen from ${names[there]}?`
    await site.postComment(alice.page, text)
    expect((await bob.fetch(commented)).html).toContain(text)
    await site.editComment(alice.page, text, `${text} Yes.`)
    expect((await bob.fetch(commented)).html).toContain(`${text} Yes.`)
    await bob.page.reload()
    await site.commentWith(bob.page, `${text} Yes.`).getByRole('link', { name: 'Reply' }).click()
    await site.postComment(bob.page, `${text} I see it.`)
    expect((await alice.fetch(commented)).html).toContain(`${text} I see it.`)
    await site.deleteComment(bob.page, `${text} I see it.`)
    await site.deleteComment(alice.page, `${text} Yes.`)
    const after = await bob.fetch(commented)
    expect(after.html).not.toContain(text)
    await expectAnsweredBy(bob, commented, there)
  })
}

test('two people on two sides endorse at the same moment, and both count', async ({ arrive }) => {
  const path = modPath(mods.together)
  const alice = await arriveAs(site.alice, await arrive({ side: 'legacy' }), path)
  const bob = await arriveAs(site.bob, await arrive({ side: 'modern' }), path)
  const count = await site.endorsements(alice.page)
  for (const [button, expected] of [
    ['Endorse this mod', count + 2],
    ['Endorsed - take it back', count],
    ['Endorse this mod', count + 2],
    ['Endorsed - take it back', count],
  ] as const) {
    await Promise.all(
      [alice, bob].map(async ({ page }) => {
        const written = site.endorseAnswer(page)
        await page.getByRole('button', { name: button }).click()
        expect(await written).toBe(200)
      }),
    )
    for (const visitor of [alice, bob]) {
      await visitor.page.reload()
      await site.expectEndorsements(visitor.page, expected)
    }
  }
})

test('when Postgres is behind, the next page comes from PHP rather than from the past', async ({ arrive, stack }) => {
  const path = modPath(mods.held)
  const alice = await arriveAs(site.alice, await arrive({ side: 'legacy' }), path)
  const bob = await arriveAs(site.bob, await arrive({ side: 'modern' }), path)
  const count = await site.endorsements(alice.page)
  await holdFollower(stack, async () => {
    await site.pressEndorse(alice.page, 'endorse')
    const answers = await bob.answersDuring(() => bob.page.reload())
    await site.expectEndorsements(bob.page, count + 1)
    expect(answers).toMatchObject([{ target: 'legacy', reason: 'follower-stale' }])
  })
  await bob.page.reload()
  await site.expectEndorsements(bob.page, count + 1)
  await site.pressEndorse(alice.page, 'take back')
  await expectAnsweredBy(bob, path, 'modern')
  await bob.page.reload()
  await site.expectEndorsements(bob.page, count)
})

// --- internal ---

function modPath(id: number): string {
  return `/skyrim/mods/${id}`
}

/** Logged in, the message of the login read, and looking at the mod. */
async function arriveAs(member: site.MemberLogin, visitor: Visitor, path: string): Promise<Visitor> {
  await visitor.page.goto('/login')
  await site.fillLogin(visitor.page, member)
  await visitor.page.goto(path)
  await site.expectLoggedIn(visitor.page, member)
  return visitor
}

function readMod(html: string): { readonly count: number; readonly endorsedByAlice: boolean } {
  const count = /<span id="endorse-count">([\d,]+)</.exec(html)?.[1]?.replaceAll(',', '')
  const endorsers = /<ul class="endorsers">.*?<\/ul>/s.exec(html)?.[0] ?? ''
  return { count: Number(count), endorsedByAlice: endorsers.includes('>alice</a>') }
}

async function expectAnsweredBy(visitor: Visitor, path: string, side: Side): Promise<void> {
  const answers = await visitor.answersDuring(() => visitor.fetch(path))
  expect(answers.map(({ target }) => target)).toEqual([side])
}
