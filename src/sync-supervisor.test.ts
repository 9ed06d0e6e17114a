import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError, silentLogger } from './platform/index.ts'
import type { Sync } from './sync/index.ts'
import { type SyncSupervisor, superviseSync } from './sync-supervisor.ts'

/** Only what the supervisor calls; the real one is behind every site test. */
function syncThat(setup: () => Promise<void>): Sync {
  return {
    setup,
    start: async () => undefined,
    close: async () => undefined,
    caughtUp: async () => 'fresh',
    status: () => ({ stream: 'streaming', position: undefined, pendingChanges: 0, groups: [] }),
    transaction: () => Promise.reject(new Error('not used')),
    verify: () => Promise.reject(new Error('not used')),
  } as unknown as Sync
}

const options = { signal: new AbortController().signal, timeoutMs: 1000 }

describe('the sync supervisor', () => {
  let supervisor: SyncSupervisor | undefined
  afterEach(() => supervisor?.close())

  it('leaves pages to PHP until sync is set up', async () => {
    const setUp = Promise.withResolvers<void>()
    supervisor = superviseSync(
      syncThat(() => setUp.promise),
      silentLogger(),
    )
    expect(await supervisor.freshness.caughtUp(['t'], options)).toBe('stale')
    setUp.resolve()
    await vi.waitFor(() => expect(supervisor?.problem()).toBeUndefined())
    expect(await supervisor.freshness.caughtUp(['t'], options)).toBe('fresh')
  })

  it('tries again after a database that is down', async () => {
    let attempts = 0
    supervisor = superviseSync(
      syncThat(async () => {
        attempts += 1
        if (attempts === 1) throw new AppError('database.unreachable', 'Postgres at db:5432 is down')
      }),
      silentLogger(),
    )
    await vi.waitFor(() => expect(supervisor?.problem()).toBe('Postgres at db:5432 is down'))
    expect(supervisor.hasGivenUp()).toBe(false)
    await vi.waitFor(() => expect(supervisor?.problem()).toBeUndefined(), { timeout: 5000 })
    expect(attempts).toBe(2)
  })

  it('gives up on what stays wrong, says so, and goes on leaving pages to PHP', async () => {
    let attempts = 0
    supervisor = superviseSync(
      syncThat(async () => {
        attempts += 1
        throw new AppError('sync.invalid-mapping', 'users.joined: no such column')
      }),
      silentLogger(),
    )
    await vi.waitFor(() => expect(supervisor?.hasGivenUp()).toBe(true))
    expect(supervisor.problem()).toBe('users.joined: no such column')
    expect(await supervisor.freshness.caughtUp(['t'], options)).toBe('stale')
    expect(attempts).toBe(1)
  })

  it('closes while it waits to try again', async () => {
    supervisor = superviseSync(
      syncThat(() => Promise.reject(new AppError('database.unreachable', 'down'))),
      silentLogger(),
    )
    await vi.waitFor(() => expect(supervisor?.problem()).toBe('down'))
    await expect(supervisor.close()).resolves.toBeUndefined()
  })
})
