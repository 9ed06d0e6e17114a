/** What people do on ModVault, each step with what they then expect to see. */
import type { Locator, Page } from '@playwright/test'
import { expect } from './site-test.ts'

export interface MemberLogin {
  readonly name: string
  readonly password: string
}

export const alice: MemberLogin = { name: 'alice', password: 'wonderland' }
export const bob: MemberLogin = { name: 'bob', password: 'builder' }
/** Author of mods 12 to 15. */
export const dovah: MemberLogin = { name: 'Dovah', password: 'dragon' }
export const admin: MemberLogin = { name: 'admin', password: 'admin123' }

export async function expectLoggedIn(page: Page, { name }: MemberLogin): Promise<void> {
  await expect(page.locator('#member')).toContainText(`Hello, ${name}`)
}

export async function expectLoggedOut(page: Page): Promise<void> {
  await expect(page.locator('#member')).toHaveText('Log in | Register')
}

/** From any page of the site. */
export async function logIn(page: Page, member: MemberLogin, { remember = false } = {}): Promise<void> {
  await page.locator('#member').getByRole('link', { name: 'Log in' }).click()
  await fillLogin(page, member, { remember })
}

/** On the login page. */
export async function fillLogin(page: Page, member: MemberLogin, { remember = false } = {}): Promise<void> {
  await page.getByLabel('Member name or e-mail address').fill(member.name)
  await page.getByLabel('Password').fill(member.password)
  await page.getByLabel('Remember me').setChecked(remember)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expectLoggedIn(page, member)
  await expect(page.locator('.flash')).toHaveText(`Welcome back, ${member.name}.`)
}

export async function logOut(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Log out' }).click()
  await expectLoggedOut(page)
}

export async function endorsements(page: Page): Promise<number> {
  return Number((await page.locator('#endorse-count').innerText()).replaceAll(',', ''))
}

/** What the endorse button's request is answered; to be called before the button is pressed. */
export async function endorseAnswer(page: Page): Promise<number> {
  const answer = await page.waitForResponse((response) => new URL(response.url()).pathname === '/ajax.php')
  await answer.finished()
  return answer.status()
}

/** Presses the button; the page's script does the rest, without loading the page again. */
export async function pressEndorse(page: Page, action: 'endorse' | 'take back'): Promise<void> {
  const before = await endorsements(page)
  await page.evaluate('window.stayedHere = true')
  const [label, afterwards, change] =
    action === 'endorse'
      ? (['Endorse this mod', 'Endorsed - take it back', 1] as const)
      : (['Endorsed - take it back', 'Endorse this mod', -1] as const)
  await page.getByRole('button', { name: label }).click()
  await expect(page.getByRole('button', { name: afterwards })).toBeVisible()
  await expectEndorsements(page, before + change)
  await expect(page.locator('#endorse-message')).toHaveText('')
  expect(await page.evaluate('window.stayedHere')).toBe(true)
}

export async function expectEndorsements(page: Page, count: number): Promise<void> {
  await expect(page.locator('#endorse-count')).toHaveText(count.toLocaleString('en'))
}

/** In the list of those who endorsed last. */
export function endorser(page: Page, { name }: MemberLogin): Locator {
  return page.locator('.endorsers').getByRole('link', { name, exact: true })
}

/** In the form below the comments. The page comes back with the comment and with a message. */
export async function postComment(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your comment').fill(text)
  await page.getByRole('button', { name: 'Post comment' }).click()
  await expectMessage(page, 'Your comment was added.')
  await expect(commentWith(page, text)).toBeVisible()
}

export async function editComment(page: Page, text: string, newText: string): Promise<void> {
  await commentWith(page, text).getByRole('link', { name: 'Edit' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Edit your comment')
  await expect(page.getByLabel('Your comment')).toHaveValue(text)
  await page.getByLabel('Your comment').fill(newText)
  await page.getByRole('button', { name: 'Save comment' }).click()
  await expectMessage(page, 'Your comment was changed.')
  await expect(commentWith(page, newText)).toContainText('Edited')
  await expect(commentWith(page, text)).toHaveCount(0)
}

export async function deleteComment(page: Page, text: string): Promise<void> {
  const id = await commentWith(page, text).getAttribute('id')
  await commentWith(page, text).getByRole('button', { name: 'Delete' }).click()
  await expectMessage(page, 'The comment was deleted.')
  await expect(page.locator(`#${id}`)).toHaveText('This comment was deleted.')
}

export function commentWith(page: Page, text: string): Locator {
  return page.locator('.comment').filter({ has: page.locator('.post > .bb').getByText(text, { exact: true }) })
}

export async function expectMessage(page: Page, text: string): Promise<void> {
  await expect(page.locator('.flash')).toHaveText(text)
}

/** Messages are shown once: the next look at the page has none. */
export async function expectNoMessageAfterReload(page: Page): Promise<void> {
  await page.reload()
  await expect(page.locator('#footer')).toBeVisible()
  await expect(page.locator('.flash')).toHaveCount(0)
}
