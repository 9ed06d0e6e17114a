import { parseArgs } from 'node:util'
import { createProgressLine, grouped } from './progress-line.ts'
import { exitCodes, SeedError } from './seed-error.ts'
import { type SeedOptions, type SeedResult, seedLegacy } from './seed-legacy.ts'

const help = `Creates the database of the legacy site "ModVault": the same rows for the same --mods and --seed, always.

  node legacy-fixtures/seed/main.ts --user root --database modvault

  --host NAME       server (127.0.0.1)
  --port N          its port (3306)
  --socket PATH     a local socket file instead of host and port
  --user NAME       account that may create databases (root)
  --password TEXT   its password (none)
  --database NAME   what to create (modvault)
  --mods N          size, 100 to 10000000 (2000); everything else follows from it
  --seed N          another site of that size (1)
  --drop            replace the database if it is there
  --binlog          write the rows to the server's binlog too
  --json            the result as JSON on standard output
  --help            this text

Exit codes: 0 made, 2 wrong option, 3 no server, 4 not allowed, 5 database exists, 6 local_infile is off,
7 load failed, 130 interrupted.
`

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  const progress = createProgressLine(process.stderr)
  const interrupt = new AbortController()
  const onSignal = (): void => interrupt.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    const parsed = parse(words)
    if (parsed === 'help') {
      process.stdout.write(help)
      return 0
    }
    const result = await seedLegacy({ ...parsed.options, onProgress: progress.onProgress, signal: interrupt.signal })
    progress.clear()
    process.stdout.write(parsed.json ? `${JSON.stringify(result)}\n` : summary(result))
    return 0
  } catch (error) {
    progress.clear()
    if (!(error instanceof SeedError)) throw error
    process.stderr.write(`seed: ${error.message}\n`)
    return exitCodes[error.code]
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

function parse(words: readonly string[]): 'help' | { readonly options: SeedOptions; readonly json: boolean } {
  const values = readWords(words)
  if (values.help === true) return 'help'
  const options = {
    host: values.host ?? '127.0.0.1',
    port: wholeNumber('port', values.port ?? '3306'),
    ...(values.socket === undefined ? {} : { socketPath: values.socket }),
    user: values.user ?? 'root',
    password: values.password ?? '',
    database: values.database ?? 'modvault',
    mods: wholeNumber('mods', values.mods ?? '2000'),
    seed: wholeNumber('seed', values.seed ?? '1'),
    drop: values.drop === true,
    binlog: values.binlog === true,
  }
  if (options.port < 1 || options.port > 65535) throw new SeedError('wrong-option', `--port must be 1 to 65535.`)
  return { options, json: values.json === true }
}

function readWords(words: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...words],
      options: {
        host: text,
        port: text,
        socket: text,
        user: text,
        password: text,
        database: text,
        mods: text,
        seed: text,
        drop: flag,
        binlog: flag,
        json: flag,
        help: flag,
      },
    }).values
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new SeedError('wrong-option', `${message} (--help lists the options)`, error)
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new SeedError('wrong-option', `--${option} must be a whole number, not '${text}'.`)
  return Number(text)
}

function summary({ database, mods, rows, elapsedMs }: SeedResult): string {
  const seconds = elapsedMs / 1000
  const rate = grouped(Math.round(rows / seconds))
  return `${database}: ${grouped(mods)} mods, ${grouped(rows)} rows in ${seconds.toFixed(1)} s (${rate}/s)\n`
}
