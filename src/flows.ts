import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createFlowBook, createPins, type FlowBook, type Pin, type SigningKey } from './controls/index.ts'
import type { Steering } from './edge/index.ts'
import { describeError, type Logger, type Metrics } from './platform/index.ts'
import type { Route, Side } from './routing/index.ts'

export interface Flows extends Pick<Steering, 'openFlow' | 'closeFlow'> {
  pinnedSide(route: Route, tokens: readonly string[]): Side | undefined
  /** For /status: how many forms are still out, by group and side. */
  status(): object
}

/** The flows of visitors: which side rendered the form that they are about to send. */
export function createFlows(keys: readonly SigningKey[], metrics: Metrics): Flows {
  const pins = createPins({ keys, lifetimeMaxMs: lifetimeMs + 1_000 })
  const book = createFlowBook()
  reportFlows(metrics, book)
  const readAll = (tokens: readonly string[]) =>
    tokens.slice(0, pinsMax).flatMap((token) => {
      const pin = pins.read(token, Date.now())
      return 'refused' in pin ? [] : [{ token, pin }]
    })
  return {
    pinnedSide: ({ flag }, tokens) =>
      tokens.length === 0 ? undefined : readAll(tokens).find(({ pin }) => pin.group === flag)?.pin.side,
    openFlow: ({ flag }, side, tokens) => {
      const known = readAll(tokens)
      const before = known.find(({ pin }) => pin.group === flag)
      const pin: Pin = {
        group: flag,
        side,
        flow: before?.pin.side === side ? before.pin.flow : randomBytes(9).toString('base64url'),
        expiresAt: Math.floor((Date.now() + lifetimeMs) / 1000) * 1000,
      }
      if (before !== undefined && before.pin.flow !== pin.flow) book.closed(before.pin.flow)
      book.opened(pin)
      const others = known.filter((each) => each !== before).map(({ token }) => token)
      return { kept: [pins.sign(pin), ...others].slice(0, pinsMax), seconds: lifetimeMs / 1000 }
    },
    closeFlow: ({ flag }, tokens) => {
      const known = readAll(tokens)
      const ended = known.find(({ pin }) => pin.group === flag)
      if (ended === undefined) return undefined
      book.closed(ended.pin.flow)
      return known.filter((each) => each !== ended).map(({ token }) => token)
    },
    status: () => ({ open: book.list() }),
  }
}

/**
 * A key that all processes of this Fig share, for where none is configured: kept in the data folder, made once.
 * Where it can't be kept, this process has one of its own; pins of other processes are then ignored.
 */
export async function ownSigningKey(file: string, log: Logger): Promise<SigningKey> {
  const made = `${file}.${process.pid}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(made, randomBytes(32).toString('hex'), { mode: 0o600 })
    // Fails where another process was faster: its key is the one.
    await link(made, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await rm(made)
    return { id: 'own', secret: await readFile(file, 'utf8') }
  } catch (error) {
    log.warn(
      { file, error: describeError(error) },
      'no signing key can be kept: forms are pinned by this process alone',
    )
    return { id: 'own', secret: randomBytes(32).toString('hex') }
  }
}

// --- internal ---

/** A form that is sent later goes to the side that is right then. */
const lifetimeMs = 3_600_000
/** Groups in which a visitor has a form open; the latest ones count. */
const pinsMax = 8

function reportFlows(metrics: Metrics, book: FlowBook): void {
  metrics.gauge({
    name: 'fig_flows_open',
    help: 'Forms that were rendered and not sent yet, by route group and side.',
    labelNames: ['group', 'side'],
    collect() {
      this.reset()
      for (const { group, side, open } of book.list()) this.set({ group, side }, open)
    },
  })
}
