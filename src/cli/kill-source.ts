import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { ActiveKill, KillState } from '../controls/index.ts'
import { silentLogger } from '../platform/index.ts'
import { spanText } from './table.ts'

/** What the kill switch holds, as far as can be told from here. */
export interface KillSource {
  readonly kills: KillState
  readonly epoch: number
  readonly origin: string
}

export const killSettings = ['FIG_POSTGRES_URL', 'FIG_OWN_SCHEMA', 'FIG_DATA_DIR']

/** From Postgres, or the state that a Fig on this machine kept, or none. */
export async function readKills({ postgresUrl, ownSchema, dataDirectory }: Config): Promise<KillSource> {
  const file = join(dataDirectory, 'controls.json')
  if (postgresUrl === undefined)
    return { kills: noKills, epoch: 0, origin: 'no kill switch: FIG_POSTGRES_URL is not set', ...(await kept(file)) }
  const { openControls } = await import('../controls/index.ts')
  // Without the state file: Fig's own is not to be written by whoever asks here.
  const controls = await openControls({ postgres: { url: postgresUrl }, ownSchema, log: silentLogger() })
  try {
    // Says what is wrong, where following would only wait.
    await controls.history(1)
    await controls.start()
    const { kills, epoch, source } = controls.snapshot()
    if (source === 'postgres') return { kills, epoch, origin: 'Postgres' }
    throw new Error('no answer in time')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const origin = `unknown: Postgres can't be asked (${why}) and ${file} is not there`
    const last = await kept(file)
    return { kills: noKills, epoch: 0, origin, ...(last && { ...last, origin: `${last.origin}; ${why}` }) }
  } finally {
    await controls.close()
  }
}

// --- internal ---

const noKills: KillState = { sideOf: () => undefined, killOf: () => undefined, list: [] }

async function kept(file: string): Promise<KillSource | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as Partial<Record<string, unknown>>
    const { format, epoch, confirmedAt, kills } = content
    if (format !== 'fig-controls-1' || typeof epoch !== 'number' || typeof confirmedAt !== 'number') return undefined
    const age = spanText(Date.now() - confirmedAt)
    const { createKillState } = await import('../controls/index.ts')
    const state = createKillState(kills as readonly ActiveKill[])
    return { kills: state, epoch, origin: `${file}, which is ${age} old` }
  } catch {
    return undefined // there is none, or none that Fig could use either
  }
}
