import { type Case, get, type Outcome } from './case.ts'
import { Client } from './client.ts'
import { invariants, judge, type Sighting, statusesMatch } from './judge.ts'
import { type Php, type PhpConnection, startPhp } from './php.ts'
import { type StartProxy, startFig } from './proxy.ts'
import { Watch } from './watch.ts'

export interface RunOptions {
  readonly start?: StartProxy
  readonly phpPort?: number
  /** The longest that one thing is waited for; spent only where it does not come. */
  readonly patienceMs?: number
}

/** Runs a case against a Fig and a PHP of its own; tells what is wrong, with nothing when all is well. */
export async function runCase(item: Case, options: RunOptions = {}): Promise<readonly string[]> {
  const watch = new Watch(options.patienceMs ?? 10_000)
  let client: Client | undefined
  const php = await startPhp(watch, {
    scripts: item.php ?? [],
    clientGot: (part) => client?.received.has(part) ?? false,
    ...(options.phpPort !== undefined && { port: options.phpPort }),
  })
  const proxy = await (options.start ?? startFig)(item.fig?.phpGone ? nobody : php.url, item.fig ?? {})
  client = new Client(proxy.port, watch)
  const stuck = await client.run(typeof item.client === 'string' ? [item.client] : item.client, {
    got: (part) => php.connections.some(({ received }) => received.has(part)),
    closed: () => php.connections.filter(({ received }) => received.ended !== undefined).length,
  })
  const outcomes: readonly Outcome[] = Array.isArray(item.expect) ? item.expect : [item.expect as Outcome]
  const alive = item.fig?.phpGone ? 502 : 200
  const seen = await watchOutcome(outcomes, { client, php, watch }, alive)
  client.destroy()
  const dead = await stillAlive(proxy.port, alive, watch)
  const judged = judgeAll(outcomes, seen)
  const complaints = [...php.problems, ...proxy.complaints(), ...invariants(seen)]
  await proxy.close()
  const leaked = await leaks(php, watch)
  await php.close()
  return [...(stuck === undefined ? [] : [stuck]), ...judged, ...complaints, ...dead, ...leaked]
}

/** Starts the cases, a few at a time, in their order. */
export function runAll(
  cases: readonly Case[],
  atOnce: number,
  options?: RunOptions,
): ReadonlyMap<string, Promise<readonly string[]>> {
  const results = new Map(cases.map(({ id }) => [id, Promise.withResolvers<readonly string[]>()]))
  const queue = cases.values()
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      await runCase(item, options).then(results.get(item.id)?.resolve, results.get(item.id)?.reject)
    }
  }
  for (let i = 0; i < atOnce; i += 1) {
    lane().catch(() => {})
  }
  return new Map([...results].map(([id, { promise }]) => [id, promise]))
}

// --- internal ---

/** Nothing listens there; a port that was free a moment ago may be another case's by now. */
const nobody = 'http://127.0.0.1:1'

interface Parts {
  readonly client: Client
  readonly php: Php
  readonly watch: Watch
}

async function watchOutcome(
  outcomes: readonly Outcome[],
  { client, php, watch }: Parts,
  alive: number,
): Promise<Sighting> {
  const { received } = client
  const ended = (): boolean => received.ended !== undefined
  const wanted = Math.max(...outcomes.map(({ answers }) => answers.length))
  await watch.until(() => ended() || client.answers().complete.length >= wanted || undefined)
  const first = client.answers()
  const candidates = outcomes.filter((outcome) => statusesMatch(outcome, first))
  let kept = false
  if (candidates.some(({ connection }) => connection === 'kept') && !ended()) {
    client.send(get('/follow-up'))
    await watch.until(() => ended() || client.answers().complete.length > first.complete.length || undefined)
    const next = client.answers().complete[first.complete.length]
    kept = next?.status === alive && (alive !== 200 || next.message.body.toString() === 'GET /follow-up')
  }
  const sighting = (): Sighting => {
    const answers = client.answers()
    const complete = kept ? answers.complete.toSpliced(first.complete.length, 1) : answers.complete
    return { answers: { ...answers, complete }, ended: received.ended, kept, connections: php.connections }
  }
  await watch.until(() => candidates.some((outcome) => isThrough(outcome, sighting())) || undefined)
  return sighting()
}

/** All that was to come has come; that no more comes is seen behind the barrier. */
function isThrough(outcome: Outcome, seen: Sighting): boolean {
  return judge(outcome, seen).length === 0
}

/** The outcome that comes closest counts. */
function judgeAll(outcomes: readonly Outcome[], seen: Sighting): readonly string[] {
  const verdicts = outcomes.map((outcome) => judge(outcome, seen))
  return verdicts.reduce((best, verdict) => (verdict.length < best.length ? verdict : best))
}

/** A plain request on a fresh connection; whatever was let through before it has reached PHP by then. */
async function stillAlive(port: number, status: number, watch: Watch): Promise<readonly string[]> {
  const client = new Client(port, watch)
  client.send(get('/barrier'))
  await watch.until(() => client.received.ended !== undefined || client.answers().complete.length > 0 || undefined)
  const [answer] = client.answers().complete
  client.destroy()
  return answer?.status === status ? [] : [`afterwards a plain request got ${answer?.status ?? 'no answer'}`]
}

/** Fig is closed: no connection to PHP may be left. */
async function leaks({ connections }: Php, watch: Watch): Promise<readonly string[]> {
  const open = (): readonly PhpConnection[] => connections.filter(({ received }) => received.ended === undefined)
  await watch.until(() => open().length === 0 || undefined)
  return open().map(({ requests }) => `a connection to PHP is left open: ${requests.map(({ start }) => start)}`)
}
