import { loadConfig } from './config.ts'
import { isAppError } from './platform/index.ts'
import { runFig } from './workers/index.ts'

/**
 * The process `fig` as a service: settings from the environment, drain on SIGTERM and SIGINT. The second signal ends it at once.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env, process.cwd())
  await runFig({
    config,
    surroundings: process,
    // Loaded here: a primary needs none of it.
    start: async (...settings) => (await import('./app.ts')).startFig(...settings),
  })
  process.exit(0)
}

main().catch((error: unknown) => {
  if (!isAppError(error)) throw error
  process.stderr.write(`fig: ${error.message}\n     ${error.action}\n`)
  process.exit(1)
})
