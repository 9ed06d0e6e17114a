/** The mod page of PHP, asked directly, and that of TypeScript, through Fig: the same document and the same pixels. */
import type { Page, TestInfo } from '@playwright/test'
import { answersBy } from '../test/fig-control.ts'
import { BothSides, type Sight } from './both-sides.ts'
import * as site from './site-steps.ts'
import { expect, test } from './site-test.ts'

const publicPages = [
  ['the showcase: every tag, files, pictures, requirements, 45 comments', '/skyrim/mods/12'],
  ['the second page of its comments', '/skyrim/mods/12?cp=2'],
  ['its old address', '/index.php?page=mod&id=12'],
  ['the oldest mod, whose comments and files hold the traps', '/skyrim/mods/1'],
  ['an adult one', '/skyrim/mods/17'],
  ['one that is not reviewed', '/skyrim/mods/16'],
  ['a summary that was encoded twice', '/skyrim/mods/18'],
  ['a name with HTML in it', '/skyrim/mods/22'],
  ['a name from right to left', '/skyrim/mods/23'],
  ['a Chinese, Japanese and Korean name', '/skyrim/mods/24'],
  ['an attempt to inject a script', '/skyrim/mods/47'],
  ['emoji', '/skyrim/mods/50'],
] as const

interface Onlooker {
  readonly who: string
  readonly logIn: (page: Page) => Promise<void>
  readonly pages: readonly (readonly [string, string])[]
}

const onlookers: readonly Onlooker[] = [
  { who: 'a visitor', logIn: () => Promise.resolve(), pages: publicPages },
  {
    who: 'a member',
    logIn: logInAs(site.alice),
    pages: [
      ['a mod that waits for an endorsement', '/skyrim/mods/12'],
      ['a mod that this member has endorsed', '/skyrim/mods/1'],
      ['the form for an answer to a comment', '/skyrim/mods/1?reply=1'],
      ['the second page of comments', '/skyrim/mods/12?cp=2'],
      ['an adult mod', '/skyrim/mods/17'],
      ['a summary that was encoded twice', '/skyrim/mods/18'],
    ],
  },
  {
    who: 'its author',
    logIn: logInAs(site.dovah),
    pages: [
      ['a mod of their own', '/skyrim/mods/12'],
      ['a draft', '/skyrim/mods/13'],
      ['a hidden mod', '/skyrim/mods/14'],
    ],
  },
  {
    who: 'an administrator',
    logIn: logInAs(site.admin),
    pages: [
      ["anybody's mod", '/skyrim/mods/12'],
      ['a hidden mod', '/skyrim/mods/14'],
      ['a removed mod', '/skyrim/mods/15'],
    ],
  },
]

test.describe('PHP and TypeScript show the same', () => {
  let sides: BothSides

  test.beforeAll(async ({ group, playwright, launchOptions, stack }) => {
    await group.moveTo('on')
    sides = await BothSides.open(playwright.chromium, launchOptions, stack)
  })
  test.afterAll(async ({ group }) => {
    await sides.close()
    await group.moveTo('off')
  })

  for (const { who, logIn, pages } of onlookers) {
    test(`to ${who}`, async ({ stack }, testInfo) => {
      const twins = await sides.visit(logIn)
      const before = await answersBy(stack.operatorUrl, 'modern')
      for (const [what, path] of pages) {
        await test.step(what, async () => {
          const { php, fig } = await twins.look(path)
          expect(php.status).toBe(200)
          expect(fig.status).toBe(200)
          expect(fig.dom).toBe(php.dom)
          await expectSamePixels(php, fig, testInfo)
        })
      }
      // Equal because both came from PHP would prove nothing.
      await expect.poll(() => answersBy(stack.operatorUrl, 'modern')).toBe(before + pages.length)
      await twins.close()
    })
  }
})

// --- internal ---

/** Two looks at a page that takes the message away which the login left. */
function logInAs(member: site.MemberLogin): (page: Page) => Promise<void> {
  return async (page) => {
    await page.goto('/')
    await site.logIn(page, member)
    await site.expectNoMessageAfterReload(page)
  }
}

async function expectSamePixels(php: Sight, fig: Sight, testInfo: TestInfo): Promise<void> {
  const same = php.pixels.equals(fig.pixels)
  if (!same) {
    await testInfo.attach('php', { body: php.pixels, contentType: 'image/png' })
    await testInfo.attach('fig', { body: fig.pixels, contentType: 'image/png' })
  }
  expect(same, 'both screenshots are the same, byte for byte').toBe(true)
}
