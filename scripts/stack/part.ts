/** One running part: spawned as leader of its own session, recorded on disk at once, watched until it is ready. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { type PartName, partTitles, remedyFor, StackError } from './parts.ts'
import { describeLog, logFile, logTail, type Place, rotateLog, writeRecord } from './place.ts'
import { identify, type StopStep } from './processes.ts'

export interface PartDefinition {
  readonly part: PartName
  /** Name of its record and its log, when a stack has several of this part. */
  readonly instance?: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly user?: { readonly uid: number; readonly gid: number }
  readonly stage: number
  readonly stop: readonly StopStep[]
  /** How long it may take; counted anew whenever it says something else about why it isn't ready. */
  readonly readyTimeoutMs: number
  /** True, or not yet, or what it still waits for, or why waiting is in vain. */
  readonly ready: (pid: number) => Promise<boolean | string | { readonly final: string }>
  /** What to do when it doesn't start; the log's end is shown beside it. */
  readonly remedy: string
}

export interface RunningPart {
  readonly part: PartName
  readonly pid: number
  /** Settles when the process ends, wanted or not. */
  readonly ended: Promise<string>
}

export interface StartContext {
  readonly place: Place
  readonly signal: AbortSignal
  readonly onWaiting: (what: string) => void
}

export async function startPart(definition: PartDefinition, context: StartContext): Promise<RunningPart> {
  context.signal.throwIfAborted()
  const { place } = context
  const name = definition.instance ?? definition.part
  const child = spawnPart(definition, name, place)
  const ended = endOf(child)
  const failure = ended.then((how) => {
    throw partFailed(definition, place, `${partTitles[definition.part]} ended while starting (${how}).`)
  })
  failure.catch(() => undefined) // it also ends, much later, when all went well
  if (child.pid === undefined) return failure
  const identity = identify(child.pid)
  if (identity !== undefined) {
    writeRecord(place, { ...identity, part: name, stage: definition.stage, stop: definition.stop })
  }
  const watching = new AbortController()
  void ended.then(() => watching.abort())
  const signal = AbortSignal.any([context.signal, watching.signal])
  await Promise.race([failure, untilReady(definition, child.pid, { ...context, signal })])
  return { part: definition.part, pid: child.pid, ended }
}

/** The environment of a part: only what is meant for it. A DATABASE_URL in somebody's shell must not reach Unleash. */
export function plainEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'USER', 'NODE_COMPILE_CACHE']
  const entries = kept.map((name) => [name, process.env[name]] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Options of Node for a part with many packages. */
export const quickStart = ['--import', join(import.meta.dirname, 'large-packages-preload.ts')] as const

// --- internal ---

const pollMs = 15
/** nginx, php-fpm and mariadbd live where an ordinary user's PATH doesn't always look. */
const systemFolders = '/usr/local/sbin:/usr/sbin:/sbin'

function spawnPart(definition: PartDefinition, name: string, place: Place): ChildProcess {
  rotateLog(place.dir, name)
  const log = openSync(logFile(place.dir, name), 'a')
  const environment = plainEnvironment()
  const child = spawn(definition.command, [...definition.args], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: definition.cwd ?? '/',
    env: { ...environment, PATH: `${environment.PATH ?? ''}:${systemFolders}`, ...definition.env },
    ...definition.user,
  })
  closeSync(log)
  return child
}

function endOf(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  child.once('error', (error) => resolve(error.message))
  child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  return promise
}

async function untilReady(definition: PartDefinition, pid: number, context: StartContext): Promise<void> {
  let waitsFor = ''
  let deadline = performance.now() + definition.readyTimeoutMs
  for (;;) {
    const readiness = await definition.ready(pid)
    if (readiness === true) return
    if (typeof readiness === 'object')
      throw partFailed(definition, context.place, `${partTitles[definition.part]} can't get ready: ${readiness.final}`)
    context.signal.throwIfAborted()
    if (typeof readiness === 'string' && readiness !== waitsFor) {
      waitsFor = readiness
      deadline = performance.now() + definition.readyTimeoutMs
      context.onWaiting(waitsFor)
    }
    if (performance.now() > deadline) throw notReady(definition, context.place, waitsFor)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

function notReady(definition: PartDefinition, place: Place, waitsFor: string): StackError {
  const seconds = Math.round(definition.readyTimeoutMs / 1000)
  const why = waitsFor === '' ? '' : ` It says: ${waitsFor}`
  return partFailed(definition, place, `${partTitles[definition.part]} did not get ready within ${seconds} s.${why}`)
}

function partFailed(definition: PartDefinition, place: Place, message: string): StackError {
  const name = definition.instance ?? definition.part
  const tail = logTail(place.dir, name)
  return new StackError(message, remedyFor(tail, definition.remedy), describeLog(place.dir, name, tail))
}
