/** Whole visits to the site, in steps between which anything may change but what the visitor sees. */
import type { Page } from '@playwright/test'
import * as site from './site-steps.ts'
import { expect } from './site-test.ts'

export type Step = (title: string, body: () => Promise<unknown>) => Promise<void>

/** The mod that the member endorses and comments on. */
export const visitedMod = '/skyrim/mods/12'

export async function browse(page: Page, step: Step): Promise<void> {
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
  await step('comes back, and goes to the next mod', async () => {
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
    await page.goto(visitedMod)
    await page.locator('#comments .pages').first().getByRole('link', { name: 'Next' }).click()
    await expect(page.locator('#comments .pages-of').first()).toContainText('Page 2 of ')
  })
}

export async function logInToEndorse(page: Page, step: Step, member: site.MemberLogin): Promise<void> {
  await step('logs in on the way to endorse', async () => {
    await page.goto(visitedMod)
    await page.getByRole('link', { name: 'Log in to endorse' }).click()
    await site.fillLogin(page, member)
    await expect(page).toHaveURL(visitedMod)
    await site.expectNoMessageAfterReload(page)
  })
  const count = await site.endorsements(page)
  await step('endorses', () => site.pressEndorse(page, 'endorse'))
  await step('finds it endorsed', async () => {
    await page.reload()
    await site.expectEndorsements(page, count + 1)
    await expect(site.endorser(page, member)).toBeVisible()
  })
  await step('takes it back', () => site.pressEndorse(page, 'take back'))
  await step('finds it taken back', async () => {
    await page.reload()
    await site.expectEndorsements(page, count)
    await expect(site.endorser(page, member)).toHaveCount(0)
  })
}

/** @param words unlike those of other visits: the site refuses to post the same comment twice */
export async function comment(page: Page, step: Step, member: site.MemberLogin, words: string): Promise<void> {
  await step('comments', () => site.postComment(page, words))
  await step('finds the comment, and no message any more', async () => {
    await site.expectNoMessageAfterReload(page)
    await expect(site.commentWith(page, words)).toBeVisible()
  })
  await step('opens the form for a reply', async () => {
    await site.commentWith(page, words).getByRole('link', { name: 'Reply' }).click()
    await expect(page.getByRole('heading', { name: `Reply to ${member.name}` })).toBeVisible()
  })
  await step('replies', async () => {
    await site.postComment(page, `${words} Really.`)
    await expect(site.commentWith(page, `${words} Really.`)).toContainText(`in reply to ${member.name}`)
  })
  await step('edits the reply', () => site.editComment(page, `${words} Really.`, `${words} Mostly.`))
  await step('deletes the reply', () => site.deleteComment(page, `${words} Mostly.`))
  await step('deletes the comment', () => site.deleteComment(page, words))
  await step('finds no message any more', () => site.expectNoMessageAfterReload(page))
}

/** In a browser that knows nothing but the cookie of an earlier login. */
export async function comeBack(page: Page, step: Step): Promise<void> {
  await step('opens a mod', () => page.goto('/skyrim/mods/16'))
  await step('looks again', () => page.reload())
  await step('endorses', () => site.pressEndorse(page, 'endorse'))
  await step('takes it back', () => site.pressEndorse(page, 'take back'))
  await step('opens the dashboard', () => page.getByRole('link', { name: 'Dashboard' }).click())
  await step('looks at another mod', () => page.goto('/skyrim/mods/17'))
}
