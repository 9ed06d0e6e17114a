import { startFig } from './app.ts'
import { loadConfig } from './config.ts'
import { isAppError } from './platform/index.ts'

/**
 * The process `fig` as a service: settings from the environment, drain on SIGTERM and SIGINT. The second signal ends it at once.
 */
async function main(): Promise<void> {
  const fig = await startFig(loadConfig(process.env, process.cwd()))
  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(130)
    stopping = true
    void fig.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch((error: unknown) => {
  if (!isAppError(error)) throw error
  process.stderr.write(`fig: ${error.message}\n     ${error.action}\n`)
  process.exit(1)
})
