import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** As from a fresh shell: npm of the surrounding run has written its own settings into the environment. */
export function freshEnvironment(folder?: string): NodeJS.ProcessEnv {
  const own =
    /^(?:npm_(?:package|lifecycle|command|execpath|node_execpath|config_local_prefix)|INIT_CWD$|FIG_|NODE_|VITEST)/
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name))
  const path = folder === undefined ? [] : [join(folder, 'node_modules', '.bin')]
  return { ...Object.fromEntries(kept), PATH: [...path, dirname(process.execPath), process.env.PATH].join(delimiter) }
}

/** Runs a command in a folder to its end. */
export function run(folder: string, command: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: freshEnvironment(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk)
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** @throws where the command fails, with what it said */
export async function runToSuccess(folder: string, command: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(folder, command, ...args)
  if (code === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
}
