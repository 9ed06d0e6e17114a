import { commandNamed } from './command-catalogue.ts'

const [, , name, ...rest] = process.argv
const spec = commandNamed(name)

/** The process `fig`: bin/fig.mjs comes here once the right Node runs. */
if (spec === undefined) {
  const { runCommandLine } = await import('./command-line.ts')
  process.exitCode = await runCommandLine(process.argv, process)
} else {
  // Whoever reads a list may stop reading it (`fig kills | head`).
  process.stdout.on('error', () => process.exit())
  const { runCommand } = await import('./run-command.ts')
  const code = await runCommand(spec, rest, process)
  // At once: what a route file imports may keep the process alive.
  process.stdout.write('', () => process.exit(code))
}
