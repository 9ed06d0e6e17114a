import { spawn } from 'node:child_process'
import { CompatProblem } from './problem.ts'

export interface ProgramOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Its standard output. @throws CompatProblem with the last words of a program that fails */
export function runProgram(command: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const [program = '', ...words] = command
  const child = spawn('nice', ['-n', '10', program, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.cwd ?? '/',
    env: { ...process.env, ...options.environment },
  })
  const parts: string[] = []
  const errors: string[] = []
  child.stdout.setEncoding('utf8').on('data', (part: string) => parts.push(part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => errors.push(part))
  child.stdin.on('error', () => undefined) // it ended before it had read everything: its exit code says why
  child.stdin.end(options.input)
  child.once('error', reject)
  child.once('close', (code) => {
    if (code === 0) return resolve(parts.join(''))
    const lastWords = [...parts, ...errors].join('').trim().split('\n').slice(-8).join('\n')
    reject(new CompatProblem(`${command.join(' ').slice(0, 200)} ended with ${code}:\n${lastWords}`, 'See why above.'))
  })
  return promise
}
