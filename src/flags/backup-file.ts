import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Definitions, parseDefinitions } from './definitions.ts'

/** The last state that a server confirmed, kept for a start without the server. */
export interface Backup {
  readonly definitions: Definitions
  readonly receivedAt: number
}

/** undefined where there is none, or none of this server. @throws where it is there but can't be read */
export async function readBackup(file: string, serverUrl: string): Promise<Backup | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const content = JSON.parse(text) as { serverUrl?: unknown; receivedAt?: unknown } | null
  const definitions = parseDefinitions(content)
  if (definitions === undefined || typeof content?.receivedAt !== 'number')
    throw new Error(`${file} holds no flag state`)
  return content.serverUrl === serverUrl ? { definitions, receivedAt: content.receivedAt } : undefined
}

/** Whole or not at all: a process that is killed here leaves the old file. */
export async function writeBackup(file: string, serverUrl: string, backup: Backup): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  await mkdir(dirname(file), { recursive: true })
  try {
    const { definitions, receivedAt } = backup
    await writeFile(temporary, JSON.stringify({ serverUrl, receivedAt, ...definitions }), { mode: 0o600 })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
