import { readFile } from 'node:fs/promises'
import { type CAC, cac } from 'cac'
import { isAppError } from '../platform/index.ts'
import { init, initOptions, newEndpoint, newOptions, type Terminal } from '../scaffold/index.ts'
import type { Surroundings } from '../workers/index.ts'
import { commandCatalogue } from './command-catalogue.ts'
import { serve, serveOptions } from './serve.ts'

/** 0: done. 1: it could not be done. 2: the command line or the configuration is wrong. */
export type ExitCode = 0 | 1 | 2

/** `fig <command> …`. Everything that goes wrong is said in one sentence with the remedy, never as a stack. */
export async function runCommandLine(
  argv: readonly string[],
  surroundings: Surroundings & Terminal,
): Promise<ExitCode> {
  const program = commandLine(await ownVersion(), surroundings)
  try {
    program.parse([...argv], { run: false })
    if (program.options.help === true || program.options.version === true) {
      return 0
    }
    if (program.matchedCommand === undefined) {
      return withoutCommand(program, surroundings)
    }
    const code: unknown = await program.runMatchedCommand()
    return code === 1 || code === 2 ? code : 0
  } catch (error) {
    return report(error, surroundings)
  }
}

// --- internal ---

function commandLine(version: string, surroundings: Surroundings & Terminal): CAC {
  const program = cac('fig')
  const command = program.command('serve', 'Put Fig in front of a legacy site')
  for (const { flag, help } of serveOptions) {
    command.option(flag, help)
  }
  command
    .example('  $ fig serve --legacy http://127.0.0.1:8081 --port 8080')
    .example('  $ fig serve --legacy http://127.0.0.1:8081 --routes routes.config.ts')
    .action((options: Readonly<Record<string, unknown>>) => serve(options, surroundings))
  scaffolding(program, surroundings)
  // main.ts runs these itself, where they come first; here they are listed.
  for (const { name, summary } of commandCatalogue)
    program
      .command(`${name} [...words]`, summary)
      .allowUnknownOptions()
      .action((): ExitCode => {
        surroundings.stderr.write(`fig: the command comes before its options; write fig ${name} …\n`)
        return 2
      })
  program.help((sections) => [
    ...sections,
    {
      title: 'Environment',
      body: '  Every setting may also be given as FIG_…; an option on the command line wins. See README.md.',
    },
  ])
  program.version(version)
  return program
}

function scaffolding(program: CAC, terminal: Terminal): void {
  const initCommand = program.command('init [folder]', 'Write a minimal project in front of a PHP site')
  for (const { flag, help } of initOptions) initCommand.option(flag, help)
  initCommand
    .example('  $ fig init --legacy http://127.0.0.1:8081')
    .action((folder: string | undefined, options: Readonly<Record<string, unknown>>) => init(folder, options, terminal))
  const newCommand = program.command('new <...request>', 'Write handler, route and comparison test for one endpoint')
  for (const { flag, help } of newOptions) newCommand.option(flag, help)
  newCommand
    .example("  $ fig new 'GET /products/:id'")
    .example("  $ fig new '/index.php?page=product&id=:id'")
    .action((request: readonly string[], options: Readonly<Record<string, unknown>>) =>
      newEndpoint(request, options, terminal),
    )
}

function withoutCommand(program: CAC, { stderr }: Surroundings): ExitCode {
  const [unknown] = program.args
  if (unknown === undefined) {
    program.outputHelp()
    return 0
  }
  stderr.write(`fig: there is no command "${unknown}"; see fig --help\n`)
  return 2
}

function report(error: unknown, { stderr }: Surroundings): ExitCode {
  if (isAppError(error)) {
    stderr.write(`fig: ${error.message}\n     ${error.action}\n`)
    return error.code === 'config.invalid' || error.code === 'routing.invalid-table' ? 2 : 1
  }
  if (error instanceof Error && error.name === 'CACError') {
    stderr.write(`fig: ${error.message}; see fig --help\n`)
    return 2
  }
  throw error
}

async function ownVersion(): Promise<string> {
  const file = new URL('../../package.json', import.meta.url)
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version: string }
  return version
}
