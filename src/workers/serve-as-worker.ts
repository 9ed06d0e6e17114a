import type { Config } from '../config.ts'
import { isAppError } from '../platform/index.ts'
import type { Assignment, ToWorker } from './messages.ts'
import { type Command, PrimaryLink } from './primary-link.ts'
import type { ServedFig, StartFig } from './served-fig.ts'
import { configOfShare } from './share.ts'
import { exitCodeAtOnce, listenToControl, type Surroundings, untilStopped } from './signals.ts'

/** Serves as its primary says, until it is told to drain or the primary is gone; then ends the process. */
export async function serveAsWorker(config: Config, start: StartFig, surroundings: Surroundings): Promise<void> {
  // They come to every process of a terminal or a service; the primary says what is to be done.
  listenToControl(surroundings, { hangUp: () => undefined, renew: () => undefined })
  let fig: ServedFig | undefined
  const obey = (message: Command): void => {
    switch (message.kind) {
      case 'let-go':
        fig?.letGo(message.connections)
        return
      case 'reload':
        void fig?.reload()
        return
      case 'ask':
        void answer(message, fig, link)
        return
    }
  }
  const link = new PrimaryLink(obey, () => fig?.connections() ?? 0)
  void link.stopped.then(() => fig ?? surroundings.exit(0))
  const assignment = await link.assignment
  try {
    fig = await start(assigned(config, assignment), assignment.worker)
  } catch (error) {
    if (!isAppError(error)) throw error
    // The primary tells it once, however many of us there are.
    await link.send({ kind: 'failed', code: error.code, message: error.message })
    return surroundings.exit(1)
  }
  const { siteUrl, tlsUrl } = fig
  await link.send({ kind: 'up', addresses: { siteUrl, ...(tlsUrl !== undefined && { tlsUrl }) } })
  const atOnce = (): void => surroundings.exit(exitCodeAtOnce)
  const why = await Promise.race([link.stopped, untilStopped(surroundings, atOnce)])
  if (why === 'orphaned') fig.log.error('the primary is gone: this worker drains and ends')
  await fig.close()
  await link.send({ kind: 'last-figures', figures: await fig.figures() })
  surroundings.exit(0)
}

// --- internal ---

function assigned(config: Config, { port, share }: Assignment): Config {
  return { ...configOfShare(config, share), port }
}

async function answer(
  { id, question }: Extract<ToWorker, { kind: 'ask' }>,
  fig: ServedFig | undefined,
  link: PrimaryLink,
): Promise<void> {
  // Who is starting has nothing to tell yet; the primary knows.
  if (fig === undefined) return
  await link.send({ kind: 'answer', id, answer: question === 'report' ? fig.report() : await fig.figures() })
}
