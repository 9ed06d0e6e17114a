import { lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface NewFile {
  /** From the folder on, with slashes. */
  readonly name: string
  readonly content: string
  /** 0o600 for what holds passwords. */
  readonly mode?: number
}

/** Those that are there already. */
export async function existing(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(names.map((name) => isThere(join(folder, name))))
  return names.filter((_name, index) => there[index])
}

/** All or none; a file that appeared meanwhile is not overwritten. */
export async function writeNew(folder: string, files: readonly NewFile[]): Promise<void> {
  const written: string[] = []
  try {
    for (const { name, content, mode = 0o666 } of files) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content, { flag: 'wx', mode })
      written.push(path)
    }
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })))
    throw error
  }
}

// --- internal ---

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false
    throw error
  }
}
