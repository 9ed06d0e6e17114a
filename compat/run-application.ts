/** Serves one application twice and walks all of its journeys. */
import type { Application, Journey } from './application.ts'
import type { HttpClient } from './http-client.ts'
import { Pair, type PairOptions } from './pair.ts'
import { type ServedPair, type ServeOptions, servePair } from './served-pair.ts'
import { type Both, sideNames } from './sides.ts'
import { type Difference, type Figures, Tally } from './tally.ts'

export interface ApplicationResult extends Figures {
  readonly application: string
  readonly title: string
  readonly version: string
  readonly journeys: readonly (Figures & { readonly name: string })[]
  readonly masks: readonly { readonly name: string; readonly reason: string; readonly answers: number }[]
  readonly differences: readonly Difference[]
}

export interface RunOptions extends ServeOptions {
  readonly only: readonly string[]
}

export async function runApplication(application: Application, options: RunOptions): Promise<ApplicationResult> {
  const say = (what: string): void => options.say(`${application.name}: ${what}`)
  const tally = new Tally((journey, exchanges) => say(`${journey}, ${exchanges} exchanges`))
  const served = await servePair(application, { ...options, say })
  try {
    const chosen = ({ name }: Journey): boolean =>
      options.only.length === 0 || options.only.some((word) => name.includes(word))
    const common = { masks: application.masks, tally, signal: options.signal }
    await walkAll(application.journeys.filter(chosen), served.http1(), { ...common, acrossVersions: false })
    const secure = (application.secureJourneys ?? []).filter(chosen)
    await walkAll(secure, served.http2(), {
      ...common,
      acrossVersions: true,
      directHeaders: { 'x-forwarded-proto': 'https' },
    })
  } finally {
    await served.stop()
  }
  return resultOf(application, served, tally)
}

// --- internal ---

async function walkAll(
  journeys: readonly Journey[],
  clients: Both<HttpClient>,
  options: Omit<PairOptions, 'clients'>,
): Promise<void> {
  try {
    const pair = new Pair({ ...options, clients })
    for (const { name, walk } of journeys) await pair.journey(name, () => walk(pair))
  } finally {
    for (const side of sideNames) clients[side].close()
  }
}

function resultOf(application: Application, served: ServedPair, tally: Tally): ApplicationResult {
  const lengths = {
    name: 'length',
    reason: 'The length of a body in which something is masked; it was that of the body on each side.',
  }
  const masks = [...application.masks, lengths].map(({ name, reason }) => ({
    name,
    reason,
    answers: tally.masks[name] ?? 0,
  }))
  return {
    application: application.name,
    title: application.title,
    version: served.version,
    ...tally.figures,
    journeys: tally.journeys,
    masks: masks.filter(({ answers }) => answers > 0),
    differences: tally.differences,
  }
}
