import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { StoredState } from './event-store.ts'
import type { ActiveKill } from './kill-state.ts'

/** The last state that Postgres confirmed, kept for a start without Postgres. */
export interface KeptState extends StoredState {
  readonly confirmedAt: number
}

/**
 * @param origin which database and schema; the state of another one is not taken
 * @returns undefined where there is none, or none of this origin
 * @throws where it is there but can't be read
 */
export async function readStateFile(file: string, origin: string): Promise<KeptState | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const content: unknown = parsed(text)
  if (!isContent(content)) throw new Error(`${file} does not hold the state of a kill switch`)
  return content.origin === origin ? content : undefined
}

/** Whole or not at all, also when the machine loses power: a process that is killed here leaves the old file. */
export async function writeStateFile(file: string, origin: string, state: KeptState): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  await mkdir(dirname(file), { recursive: true })
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify({ format, origin, ...state }, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

// --- internal ---

const format = 'fig-controls-1'

type Content = KeptState & { readonly origin: string }

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the parser's message quotes the content
  }
}

function isContent(content: unknown): content is Content {
  if (typeof content !== 'object' || content === null) return false
  const { format: found, origin, epoch, confirmedAt, kills } = content as Partial<Record<string, unknown>>
  return (
    found === format &&
    typeof origin === 'string' &&
    Number.isSafeInteger(epoch) &&
    typeof confirmedAt === 'number' &&
    Array.isArray(kills) &&
    kills.every(isKill)
  )
}

function isKill(value: unknown): value is ActiveKill {
  if (typeof value !== 'object' || value === null) return false
  const { id, at, who, why, scope, target } = value as Partial<Record<string, unknown>>
  const texts = [at, who, why].every((text) => typeof text === 'string')
  if (!Number.isSafeInteger(id) || !texts) return false
  switch (scope) {
    case 'all':
      return target === undefined
    case 'side':
      return target === 'legacy' || target === 'modern'
    case 'group':
      return typeof target === 'string'
    default:
      return false
  }
}
