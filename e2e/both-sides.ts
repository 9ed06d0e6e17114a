/**
 * Two browsers that take the same address for two servers: PHP directly, and Fig. Pages contain the host they were asked
 * under, so only then can they be equal to the last pixel.
 */
import type { Browser, BrowserContext, BrowserContextOptions, BrowserType, LaunchOptions, Page } from '@playwright/test'
import type { StackDescription } from '../scripts/stack/index.ts'

export const siteUrl = 'http://www.modvault.example'

/** One page as somebody sees it. */
export interface Sight {
  readonly status: number | undefined
  /** The document as the browser understood it, serialised. */
  readonly dom: string
  /** All of the page, PNG. */
  readonly pixels: Buffer
}

export class BothSides {
  readonly #php: Browser
  readonly #fig: Browser

  static async open(
    chromium: BrowserType,
    options: LaunchOptions,
    stack: Pick<StackDescription, 'siteUrl' | 'figUrl'>,
  ): Promise<BothSides> {
    const [php, fig] = await Promise.all(
      [stack.siteUrl, stack.figUrl].map((server) => {
        const rule = `--host-resolver-rules=MAP ${new URL(siteUrl).host} ${new URL(server).host}`
        return chromium.launch({ ...options, args: [...(options.args ?? []), rule] })
      }),
    )
    return new BothSides(php as Browser, fig as Browser)
  }

  private constructor(php: Browser, fig: Browser) {
    this.#php = php
    this.#fig = fig
  }

  async close(): Promise<void> {
    await Promise.all([this.#php.close(), this.#fig.close()])
  }

  /** The same person in both browsers: who logs in on PHP's side is logged in on both, in the same session. */
  async visit(prepare: (php: Page) => Promise<void>): Promise<TwinPages> {
    const options: BrowserContextOptions = { baseURL: siteUrl, viewport: { width: 1280, height: 800 } }
    const phpContext = await this.#php.newContext(options)
    const php = await phpContext.newPage()
    await prepare(php)
    const figContext = await this.#fig.newContext({ ...options, storageState: await phpContext.storageState() })
    return new TwinPages(php, await figContext.newPage(), [phpContext, figContext])
  }
}

export class TwinPages {
  readonly #php: Page
  readonly #fig: Page
  readonly #contexts: readonly BrowserContext[]

  constructor(php: Page, fig: Page, contexts: readonly BrowserContext[]) {
    this.#php = php
    this.#fig = fig
    this.#contexts = contexts
  }

  async look(path: string): Promise<{ readonly php: Sight; readonly fig: Sight }> {
    const [php, fig] = await Promise.all([look(this.#php, path), look(this.#fig, path)])
    return { php, fig }
  }

  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()))
  }
}

// --- internal ---

async function look(page: Page, path: string): Promise<Sight> {
  const answer = await page.goto(path)
  const dom = await page.content()
  return { status: answer?.status(), dom, pixels: await page.screenshot({ fullPage: true }) }
}
