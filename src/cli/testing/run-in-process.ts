import { commandNamed } from '../command-catalogue.ts'
import { runCommand } from '../run-command.ts'

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `fig …` without a process of its own. */
export async function fig(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<Said> {
  const written = { stdout: '', stderr: '' }
  const into = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text
      return true
    },
  })
  const [name, ...rest] = args
  const spec = commandNamed(name)
  if (spec === undefined) throw new Error(`there is no command ${name}`)
  const terminal = { env, cwd: () => cwd, stdout: into('stdout'), stderr: into('stderr') }
  const code = await runCommand(spec, rest, terminal as unknown as Parameters<typeof runCommand>[2])
  return { code, ...written }
}

/** What --json prints. */
export async function figJson(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<Readonly<Record<string, unknown>> & { readonly exit: number }> {
  const { code, stdout } = await fig([...args, '--json'], env, cwd)
  return { ...(JSON.parse(stdout) as Record<string, unknown>), exit: code }
}
