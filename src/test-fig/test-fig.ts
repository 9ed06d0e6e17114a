import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startFig } from '../app.ts'
import { type Config, loadConfig, type RawSettings } from '../config.ts'
import { AppError, type MetricSnapshot } from '../platform/index.ts'
import type { ServedFig } from '../workers/index.ts'
import { type Answer, ask, type CompareOptions, differencesOf, type SiteRequest } from './differences.ts'
import { type FlagServer, type FlagState, startFlagServer } from './flag-server.ts'

export type FlagStates = Readonly<Record<string, FlagState>>

export interface TestFigOptions {
  /** `new URL('../routes.config.ts', import.meta.url)`; FIG_ROUTES of the settings without it. */
  readonly routes?: URL | string
  /** FIG_… settings, such as `process.env`. FIG_LEGACY_URL has to be there; ports and flags are the test's own. */
  readonly settings: RawSettings
  /** Flags at the start; any other is unknown. */
  readonly flags?: FlagStates
}

export interface SideComparison {
  /** What PHP answers, through a Fig without routes: with the same rewriting as every visitor gets. */
  readonly legacy: Answer
  readonly modern: Answer
  /** Empty where a visitor sees no difference. Says so too where the handler did not answer and PHP did in its place. */
  readonly differences: readonly string[]
}

/** A Fig on free ports in front of the real legacy site, with flags in the hand of the test. */
export interface TestFig extends AsyncDisposable {
  readonly url: string
  /** Resolves when the flag is in force. */
  setFlag(flag: string, state: FlagState): Promise<void>
  /** Asks PHP, and the handler behind `flag`, for the same; one comparison after the other. The flag stays on. */
  compareSides(request: SiteRequest, options: CompareOptions & { readonly flag: string }): Promise<SideComparison>
  close(): Promise<void>
}

/** @throws AppError 'config.invalid' or 'routing.invalid-table', as `fig serve` would say it */
export async function startTestFig(options: TestFigOptions): Promise<TestFig> {
  // The last known flags are kept there: those of a test are not for the Fig that runs in the same folder.
  const dataDirectory = await mkdtemp(join(tmpdir(), 'fig-test-fig-'))
  const settings = {
    FIG_LOG_LEVEL: 'error',
    ...options.settings,
    ...routesSetting(options.routes),
    ...own,
    FIG_DATA_DIR: dataDirectory,
  }
  const on = new Map(Object.entries(options.flags ?? {}))
  const flagServer = await startFlagServer(options.flags ?? {})
  const started: ServedFig[] = []
  const close = async () => {
    await Promise.all(started.splice(0).map((fig) => fig.close()))
    await flagServer.close()
    await rm(dataDirectory, { recursive: true, force: true })
  }
  try {
    const config = configOf({ ...settings, FIG_UNLEASH_URL: flagServer.url })
    const fig = await startFig(config)
    started.push(fig)
    // Everything goes to PHP here.
    const plain = await startFig({ ...config, routesFile: undefined, syncFile: undefined, unleash: undefined })
    started.push(plain)
    return testFig({ fig, plain, flagServer, on, close })
  } catch (error) {
    await close()
    throw error
  }
}

// --- internal ---

const own: RawSettings = {
  FIG_HOST: '127.0.0.1',
  FIG_PORT: '0',
  FIG_OPERATOR_PORT: '0',
  FIG_TLS_CERT: undefined,
  FIG_TLS_KEY: undefined,
  FIG_TLS_REDIRECT: undefined,
  FIG_WORKERS: '1',
  FIG_FLAGS_FILE: undefined,
  FIG_UNLEASH_TOKEN: 'test',
  FIG_UNLEASH_REFRESH_MS: '200',
}

interface Parts {
  readonly fig: ServedFig
  readonly plain: ServedFig
  readonly flagServer: FlagServer
  readonly on: Map<string, FlagState>
  readonly close: () => Promise<void>
}

function testFig({ fig, plain, flagServer, on, close }: Parts): TestFig {
  const setFlag = async (flag: string, state: FlagState) => {
    if (on.get(flag) === state) return
    on.set(flag, state)
    await flagServer.set(flag, state)
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    url: fig.siteUrl,
    setFlag,
    compareSides: (request, options) => {
      const compare = async (): Promise<SideComparison> => {
        await setFlag(options.flag, true)
        const legacy = await ask(plain.siteUrl, sameHost(request, fig))
        const before = await reasons(fig)
        const modern = await ask(fig.siteUrl, request)
        const elsewhere = await whyNotModern(fig, before)
        const differences = elsewhere === undefined ? differencesOf(legacy, modern, options) : [elsewhere]
        return { legacy, modern, differences }
      }
      const comparison = last.then(compare)
      last = comparison.catch(() => undefined)
      return comparison
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function configOf(settings: RawSettings): Config {
  if ((settings.FIG_LEGACY_URL ?? '') === '')
    throw new AppError('config.invalid', 'FIG_LEGACY_URL is missing: give the address of the legacy site')
  return loadConfig(settings, process.cwd())
}

function routesSetting(routes: URL | string | undefined): RawSettings {
  if (routes === undefined) return {}
  return { FIG_ROUTES: routes instanceof URL ? fileURLToPath(routes) : routes }
}

/** PHP writes the host that it was asked under into its pages: both sides get the same one. */
function sameHost(request: SiteRequest, fig: ServedFig): SiteRequest {
  const { host } = new URL(fig.siteUrl)
  if (typeof request !== 'string') return { ...request, headers: { host, ...request.headers } }
  const [method = 'GET', target = '/'] = request.split(' ')
  return { method, target, headers: { host } }
}

type Counts = ReadonlyMap<string, number>

/** Requests by route, side and reason, as the figures of the operator have them. */
async function reasons(fig: ServedFig): Promise<Counts> {
  const figures = await fig.figures()
  return new Map([...countsOf(figures, 'fig_requests_total'), ...countsOf(figures, 'fig_decisions_total')])
}

function countsOf(figures: readonly MetricSnapshot[], name: string): readonly (readonly [string, number])[] {
  const values = figures.find((figure) => figure.name === name)?.values ?? []
  return values.map(({ labels, value }) => [JSON.stringify(labels), value])
}

/** Undefined where a handler answered the request that was just made. */
async function whyNotModern(fig: ServedFig, before: Counts): Promise<string | undefined> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const now = await reasons(fig)
    const grown = [...now].filter(([key, value]) => value > (before.get(key) ?? 0)).map(([key]) => labelsOf(key))
    const request = grown.find(({ target }) => target !== undefined)
    const decision = grown.find(({ reason }) => reason !== undefined)
    if (request !== undefined && decision !== undefined) {
      if (request.target === 'modern') return undefined
      return `PHP answered in the handler's place (route ${decision.route}, reason ${decision.reason})`
    }
    // A request is counted when its answer has left, which may be after it arrived.
    if (performance.now() > deadline) return 'it could not be told which side answered'
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function labelsOf(key: string): Readonly<Record<string, string | undefined>> {
  return JSON.parse(key) as Readonly<Record<string, string | undefined>>
}
