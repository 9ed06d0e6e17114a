/** Finds the programs that the system's package manager installed. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { StackError } from './parts.ts'

export function findProgram(name: string): string {
  const found = searchPath()
    .map((folder) => join(folder, name))
    .find(isExecutable)
  if (found === undefined) throw new StackError(`The program ${name} is not installed.`, installHint)
  return found
}

/** Debian names it after the version (php-fpm8.2), others plainly. The newest one wins. */
export function findPhpFpm(): string {
  const candidates = searchPath().flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /^php-fpm(\d+\.\d+)?$/.test(name))
          .map((name) => join(folder, name))
      : [],
  )
  const newest = candidates.filter(isExecutable).sort(byVersion).at(-1)
  if (newest === undefined) throw new StackError('The program php-fpm is not installed.', installHint)
  return newest
}

// --- internal ---

const installHint = 'Run `npm start`: it installs what is missing or prints the command that does.'

function searchPath(): string[] {
  const system = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin', '/usr/local/bin']
  return [...(process.env.PATH ?? '').split(':').filter((folder) => folder !== ''), ...system]
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function byVersion(a: string, b: string): number {
  const version = (path: string): number => Number(/(\d+\.\d+)$/.exec(path)?.[1] ?? 0)
  return version(a) - version(b)
}
