import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  isGroupAlive,
  launchFig,
  type RunningFig,
  type Site,
  startFig,
  startSite,
  until,
} from './testing/fig-processes.ts'
import { startLoad } from './testing/load.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site[Symbol.asyncDispose]())

const visitors = 20

async function requestsCounted(fig: RunningFig): Promise<number> {
  const { text } = await fig.ask('/metrics')
  return sumOf(text, 'fig_requests_total')
}

function sumOf(metrics: string, name: string): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

describe('a primary and its workers', () => {
  it('share one port, and tell the operator about all of them', async () => {
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2' })
    const workers = await fig.serving(2)
    expect(workers.map(({ worker }) => worker)).toEqual([1, 2])
    const load = startLoad(fig.port, visitors)
    await until(() => load.answered() > 500 || undefined, 'answers')
    const { answered, failures } = await load.stop()
    expect(failures).toEqual([])
    expect(await requestsCounted(fig)).toBe(answered)
    const { text } = await fig.ask('/metrics')
    expect(sumOf(text, 'fig_request_duration_seconds_count')).toBe(answered)
    const cpu = text.split('\n').filter((line) => line.startsWith('process_cpu_seconds_total{'))
    expect(cpu.map((line) => /worker="(\w+)"/.exec(line)?.[1])).toEqual(['primary', '1', '2'])
    const served = new Set(fig.log.flatMap(({ msg, worker }) => (msg === 'request' ? [worker] : [])))
    expect(served.size).toBeGreaterThan(0)
    expect([...served].filter((worker) => worker !== 1 && worker !== 2)).toEqual([])
    expect(JSON.parse((await fig.ask('/readyz')).text)).toEqual({ ready: true, problems: [], final: false })
    expect(JSON.parse((await fig.ask('/status')).text)).toMatchObject({ draining: false, routes: [], flags: {} })
  })

  it('come to have about the same number of connections, also when one of them got all', async () => {
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2' })
    const [first, second] = await fig.serving(2)
    process.kill(second?.pid ?? 0, 'SIGSTOP')
    const load = startLoad(fig.port, visitors)
    await until(async () => (await fig.workers())[0]?.connections === visitors || undefined, 'all with the first')
    process.kill(second?.pid ?? 0, 'SIGCONT')
    await until(async () => {
      const [most = 0, fewest = 0] = (await fig.workers()).map(({ connections }) => connections)
      return Math.min(most, fewest) >= 6 || undefined
    }, 'some with each')
    expect((await load.stop()).failures).toEqual([])
    expect((await fig.serving(2)).map(({ pid }) => pid)).toEqual([first?.pid, second?.pid])
  })

  it('give PHP together no more requests at once than one process would', async () => {
    await using slow = await startSite(20)
    await using fig = await startFig({ FIG_LEGACY_URL: slow.url, FIG_WORKERS: '2', FIG_LEGACY_CONNECTIONS_MAX: '5' })
    await fig.serving(2)
    const load = startLoad(fig.port, 8)
    await until(() => load.answered() > 100 || undefined, 'answers')
    expect((await load.stop()).failures).toEqual([])
    expect(slow.runningMax()).toBeGreaterThan(3)
    expect(slow.runningMax()).toBeLessThanOrEqual(5)
  })
})

describe('a worker that', () => {
  it('is killed costs no more than what it was answering, and is replaced', async () => {
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2' })
    const [victim, survivor] = await fig.serving(2)
    const load = startLoad(fig.port, visitors)
    await until(() => load.answered() > 200 || undefined, 'answers')
    const counted = await requestsCounted(fig)
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    const workers = await until(async () => {
      const seen = await fig.workers()
      return seen.length === 2 && seen.some(({ worker }) => worker === 3) && seen.every(({ ready }) => ready)
        ? seen
        : undefined
    }, 'a new worker')
    expect(workers.map(({ pid }) => pid)).toContain(survivor?.pid)
    const before = load.answered()
    await until(() => load.answered() > before + 200 || undefined, 'answers of both')
    const { failures, answered } = await load.stop()
    // Each visitor had one request running at the most, and was served again at once.
    expect(new Set(failures.map((failure) => failure.split('/')[1])).size).toBe(failures.length)
    // A counter that went down would be taken for a restart.
    const now = await requestsCounted(fig)
    expect(now).toBeGreaterThanOrEqual(counted)
    expect(now).toBeLessThanOrEqual(answered + failures.length)
    expect(await fig.logged(({ msg }) => msg === 'a worker ended by itself and is replaced')).toMatchObject({
      worker: victim?.worker,
      how: 'signal SIGKILL',
      restartInMs: 0,
    })
    expect(sumOf((await fig.ask('/metrics')).text, 'fig_worker_ends_total')).toBe(1)
  })

  it('hangs is noticed and replaced, while the other goes on', async () => {
    await using fig = await startFig({
      FIG_LEGACY_URL: site.url,
      FIG_WORKERS: '2',
      FIG_WORKER_SILENCE_TIMEOUT_MS: '3000',
    })
    const [victim] = await fig.serving(2)
    process.kill(victim?.pid ?? 0, 'SIGSTOP')
    expect(JSON.parse((await fig.ask('/readyz')).text)).toEqual({
      ready: true,
      problems: [`worker ${victim?.worker}: does not answer`],
      final: false,
    })
    const load = startLoad(fig.port, visitors)
    await until(() => load.answered() > 200 || undefined, 'answers of the other')
    expect(await fig.logged(({ msg }) => msg === 'a worker ended by itself and is replaced')).toMatchObject({
      pid: victim?.pid,
      cause: 'silent',
    })
    await fig.serving(2)
    expect((await load.stop()).failures).toEqual([])
  })

  it('can not start again is tried again, later and later, and comes when it can', async () => {
    await using folder = temporaryFolder()
    const routes = join(folder.path, 'routes.ts')
    const good = `export default { routes: [] }`
    writeFileSync(routes, good)
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2', FIG_ROUTES: routes })
    const [victim] = await fig.serving(2)
    writeFileSync(routes, 'export default 7')
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    const delays = await until(() => {
      const ends = fig.log.filter(({ msg }) => msg === 'a worker ended by itself and is replaced')
      return ends.length >= 3 ? ends.map(({ restartInMs }) => restartInMs) : undefined
    }, 'three ends')
    expect(delays.slice(0, 3)).toEqual([0, 200, 400])
    const ready = await fig.ask('/readyz')
    expect(ready.status).toBe(200)
    writeFileSync(routes, good)
    await fig.serving(2)
  })
})

describe('a rolling restart', () => {
  it('replaces every worker without one failed request', async () => {
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2' })
    await fig.serving(2)
    const load = startLoad(fig.port, visitors)
    await until(() => load.answered() > 200 || undefined, 'answers')
    process.kill(fig.pid, 'SIGUSR2')
    await fig.logged(({ msg }) => msg === 'every worker has been replaced')
    const workers = await fig.serving(2)
    expect(workers.map(({ worker }) => worker)).toEqual([3, 4])
    const before = load.answered()
    await until(() => load.answered() > before + 200 || undefined, 'answers of the new workers')
    const { answered, failures, reconnects } = await load.stop()
    expect(failures).toEqual([])
    expect(reconnects).toBeGreaterThanOrEqual(visitors)
    expect(await requestsCounted(fig)).toBe(answered)
  })

  it('keeps the old workers when a new one does not start', async () => {
    await using folder = temporaryFolder()
    const routes = join(folder.path, 'routes.ts')
    writeFileSync(routes, `export default { routes: [] }`)
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2', FIG_ROUTES: routes })
    const before = await fig.serving(2)
    writeFileSync(routes, 'export default 7')
    process.kill(fig.pid, 'SIGUSR2')
    const line = await fig.logged(({ msg }) => String(msg).startsWith('the rolling restart was given up'))
    expect(line).toMatchObject({ level: 'error', problem: expect.stringContaining('routes.ts') })
    expect((await fig.serving(2)).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
  })
})

describe('an end', () => {
  it('on SIGTERM is drained: what runs is finished', async () => {
    await using slow = await startSite(300)
    await using fig = await startFig({ FIG_LEGACY_URL: slow.url, FIG_WORKERS: '2' })
    await fig.serving(2)
    const answers = Array.from({ length: 8 }, async (_, i) => (await fetch(`http://127.0.0.1:${fig.port}/${i}`)).text())
    await until(() => slow.runningMax() === 8 || undefined, 'requests at the site')
    process.kill(fig.pid, 'SIGTERM')
    expect(await Promise.all(answers)).toEqual(answers.map((_, i) => `page /${i}`))
    expect(await fig.ended).toBe('exit code 0')
    expect(isGroupAlive(fig.pid)).toBe(false)
    expect(fig.stderr()).toBe('')
  })

  it('on the second signal comes at once', async () => {
    await using slow = await startSite(5000)
    await using fig = await startFig({ FIG_LEGACY_URL: slow.url, FIG_WORKERS: '2' })
    await fig.serving(2)
    const lost = fetch(`http://127.0.0.1:${fig.port}/`).then(
      () => 'answered',
      () => 'lost',
    )
    await until(() => slow.runningMax() === 1 || undefined, 'a request at the site')
    process.kill(fig.pid, 'SIGTERM')
    await fig.logged(({ msg }) => msg === 'draining the workers')
    process.kill(fig.pid, 'SIGINT')
    expect(await fig.ended).toBe('exit code 130')
    expect(await lost).toBe('lost')
    await until(() => !isGroupAlive(fig.pid) || undefined, 'the end of every process')
  })

  it('of the primary by kill -9 leaves no process; what runs is finished', async () => {
    await using slow = await startSite(300)
    await using fig = await startFig({ FIG_LEGACY_URL: slow.url, FIG_WORKERS: '2' })
    await fig.serving(2)
    const answers = Array.from({ length: 8 }, async (_, i) => (await fetch(`http://127.0.0.1:${fig.port}/${i}`)).text())
    await until(() => slow.runningMax() === 8 || undefined, 'requests at the site')
    process.kill(fig.pid, 'SIGKILL')
    expect(await Promise.all(answers)).toEqual(answers.map((_, i) => `page /${i}`))
    await until(() => !isGroupAlive(fig.pid) || undefined, 'the end of every process')
  })

  it('of all workers at once is made good on the same port', async () => {
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2' })
    for (const { pid } of await fig.serving(2)) process.kill(pid, 'SIGKILL')
    await until(async () => (await fig.workers()).every(({ worker }) => worker > 2) || undefined, 'new workers')
    await fig.serving(2)
    expect(await (await fetch(`http://127.0.0.1:${fig.port}/x`)).text()).toBe('page /x')
  })
})

describe('what keeps one process from starting is said once by several', () => {
  it('a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = address === null || typeof address === 'string' ? 0 : address.port
    for (const variable of ['FIG_PORT', 'FIG_OPERATOR_PORT']) {
      await using fig = launchFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '4', [variable]: String(port) })
      expect(await fig.ended).toBe('exit code 1')
      expect(fig.stderr().match(/ is taken/g)).toHaveLength(1)
      expect(fig.stderr()).not.toContain('    at ')
    }
    await new Promise((resolve) => other.close(resolve))
  })

  it('a start that does not come to an end', async () => {
    await using folder = temporaryFolder()
    const routes = join(folder.path, 'routes.ts')
    writeFileSync(routes, 'await new Promise(() => {})\nexport default { routes: [] }')
    await using fig = launchFig({
      FIG_LEGACY_URL: site.url,
      FIG_WORKERS: '2',
      FIG_ROUTES: routes,
      FIG_WORKER_READY_TIMEOUT_MS: '2000',
    })
    expect(await fig.ended).toBe('exit code 1')
    expect(fig.stderr()).toContain('worker 1 ended before it served (not listening after 2000 ms)')
  })

  it('a route table that is wrong', async () => {
    await using folder = temporaryFolder()
    const routes = join(folder.path, 'routes.ts')
    writeFileSync(routes, 'export default 7')
    const said: string[] = []
    for (const workers of ['1', '3']) {
      await using fig = launchFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: workers, FIG_ROUTES: routes })
      expect(await fig.ended).toBe('exit code 1')
      said.push(fig.stderr())
    }
    expect(said[0]).toContain('routes.ts')
    expect(said[1]).toBe(said[0])
  })
})

describe('SIGHUP', () => {
  it('reaches every worker, which reads anew what it can, once', async () => {
    await using fig = await startFig({ FIG_LEGACY_URL: site.url, FIG_WORKERS: '2' })
    await fig.serving(2)
    process.kill(-fig.pid, 'SIGHUP')
    await until(() => fig.log.filter(({ msg }) => msg === 'read anew').length === 2 || undefined, 'both workers')
    expect(new Set(fig.log.filter(({ msg }) => msg === 'read anew').map(({ worker }) => worker))).toEqual(
      new Set([1, 2]),
    )
    await fig.serving(2)
  })
})

describe('one process without workers', () => {
  it('reads anew on SIGHUP, is not ended by SIGUSR2, and has no primary', async () => {
    await using fig = await startFig({ FIG_LEGACY_URL: site.url })
    process.kill(fig.pid, 'SIGHUP')
    await fig.logged(({ msg }) => msg === 'read anew')
    process.kill(fig.pid, 'SIGUSR2')
    await fig.logged(({ level, msg }) => level === 'warn' && String(msg).startsWith('one process serves'))
    expect(JSON.parse((await fig.ask('/status')).text)).not.toHaveProperty('workers')
    process.kill(fig.pid, 'SIGTERM')
    expect(await fig.ended).toBe('exit code 0')
  })
})

// --- internal ---

function temporaryFolder(): AsyncDisposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'fig-workers-'))
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) }
}
