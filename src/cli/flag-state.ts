import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import {
  createFileFlags,
  createStaticFlags,
  createUnleashFlags,
  type FlagSnapshot,
  type Flags,
} from '../flags/index.ts'
import { silentLogger } from '../platform/index.ts'
import { spanText } from './table.ts'

/** The flags as a Fig of these settings would have them, and where they were had from. */
export interface FlagState {
  readonly snapshot: FlagSnapshot
  readonly origin: string
  /** Undefined where it has no age: nothing is known, or nothing is configured. */
  readonly ageMs: number | undefined
  /** What kept a better source from being used. */
  readonly problem: string | undefined
}

export const flagSettings = ['FIG_FLAGS_FILE', 'FIG_UNLEASH_URL', 'FIG_UNLEASH_TOKEN', 'FIG_DATA_DIR']

export async function readFlagState(config: Config): Promise<FlagState> {
  if (config.flagsFile !== undefined) return fromFile(config.flagsFile)
  const backupFile = join(config.dataDirectory, 'flags-backup.json')
  if (config.unleash !== undefined) return fromUnleash(config.unleash, backupFile)
  const backup = await readBackup(backupFile, undefined)
  if (backup !== undefined) return backup
  const { snapshot } = await taken(createStaticFlags())
  const origin = 'no flags: neither FIG_FLAGS_FILE nor FIG_UNLEASH_URL is set, routes take their declared side'
  return { snapshot, origin, ageMs: undefined, problem: undefined }
}

export function flagStateText({ origin, ageMs, problem }: FlagState): string {
  const age = ageMs === undefined ? '' : `, ${spanText(ageMs)} old`
  return `${origin}${age}${problem === undefined ? '' : ` (${problem})`}`
}

export function flagStateFacts({ snapshot, origin, ageMs, problem }: FlagState): object {
  return { source: snapshot.source, origin, ageMs: ageMs ?? null, problem: problem ?? null }
}

// --- internal ---

/** Somebody waits for it. */
const unleashTimeoutMs = 2_000

async function fromFile(file: string): Promise<FlagState> {
  const { snapshot, problem } = await taken(createFileFlags({ file, log: silentLogger() }))
  const changedAt = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined, // the problem says it
  )
  const ageMs = changedAt === undefined ? undefined : Math.max(0, Date.now() - changedAt)
  return { snapshot, origin: `the flag file ${file}`, ageMs, problem }
}

/** Not with the backup file: Fig's own is not to be written by whoever asks here. */
async function fromUnleash({ url, token }: { url: string; token: string }, backupFile: string): Promise<FlagState> {
  const timeouts = { requestTimeoutMs: unleashTimeoutMs, startTimeoutMs: unleashTimeoutMs }
  const asked = await taken(createUnleashFlags({ url, token, log: silentLogger(), ...timeouts }))
  const problem = asked.problem ?? 'no answer in time'
  if (asked.snapshot.source === 'server')
    return { snapshot: asked.snapshot, origin: `Unleash at ${url}`, ageMs: 0, problem: undefined }
  const backup = await readBackup(backupFile, url)
  if (backup !== undefined) return { ...backup, problem: `Unleash at ${url} can't be had: ${problem}` }
  const origin = `nothing: Unleash at ${url} can't be had, and ${backupFile} holds no state of it`
  return { snapshot: asked.snapshot, origin, ageMs: undefined, problem }
}

/** What the last run left is a document that the flag file may be, too. */
async function readBackup(file: string, url: string | undefined): Promise<FlagState | undefined> {
  const head = await backupHead(file)
  if (head === undefined || (url !== undefined && head.serverUrl !== url)) return undefined
  const { snapshot } = await taken(createFileFlags({ file, log: silentLogger() }))
  if (snapshot.source !== 'file') return undefined
  const origin = `the backup that the last run left of Unleash at ${head.serverUrl} (${file})`
  return { snapshot, origin, ageMs: Math.max(0, Date.now() - head.receivedAt), problem: undefined }
}

async function backupHead(file: string): Promise<{ serverUrl: string; receivedAt: number } | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as { serverUrl?: unknown; receivedAt?: unknown }
    const { serverUrl, receivedAt } = content
    return typeof serverUrl === 'string' && typeof receivedAt === 'number' ? { serverUrl, receivedAt } : undefined
  } catch {
    return undefined // there is none, or none that Fig could use either
  }
}

async function taken(flags: Flags): Promise<{ readonly snapshot: FlagSnapshot; readonly problem: string | undefined }> {
  try {
    await flags.start()
    return { snapshot: flags.snapshot(), problem: flags.health().problem }
  } finally {
    await flags.close()
  }
}
