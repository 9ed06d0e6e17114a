/** npm start: the legacy site, its databases, the flag server and Fig, until Ctrl-C. */
import { join } from 'node:path'
import { siteFlags } from './site-flags.ts'
import {
  explainFileError,
  linkStack,
  partNames,
  removeStack,
  type Stack,
  StackError,
  stackRoot,
  startStack,
} from './stack/index.ts'
import { describeReady } from './start/ready-table.ts'
import { helpText, readStartOptions, type StartOptions } from './start/start-options.ts'
import { startProgress } from './start/start-progress.ts'
import { stopRequested } from './stop-requested.ts'

const checkout = join(import.meta.dirname, '..')

process.stdout.on('error', () => undefined) // a terminal that was closed must not keep the parts from being stopped
process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  try {
    const options = readStartOptions(words, process.env)
    if (options === 'help') {
      console.log(helpText)
      return 0
    }
    return await run(options)
  } catch (error) {
    const problem = error instanceof StackError ? error : explainFileError(error)
    if (problem === undefined) throw error
    console.error(`\nfig: ${problem.explain()}\n`)
    return 1
  }
}

async function run(options: StartOptions): Promise<number> {
  const startedAt = performance.now()
  const stop = stopRequested()
  const progress = startProgress(console.log)
  const dir = join(stackRoot(checkout), options.name)
  linkStack(checkout, dir)
  if (options.fresh) await removeStack(dir)
  const flags = siteFlags(checkout) // loads the route table while the parts start
  flags.catch(() => undefined) // the stack asks for them, and reports it
  let stack: Stack
  try {
    stack = await startStack({
      checkout,
      dir,
      ports: options.ports,
      parts: partNames,
      temporary: false,
      flags: () => flags,
      signal: stop.signal,
      onEvent: progress.onEvent,
      ...(options.mods === undefined ? {} : { mods: options.mods }),
      ...(options.host === undefined ? {} : { figSettings: { FIG_HOST: options.host } }),
    })
  } catch (error) {
    if (!stop.signal.aborted) throw error
    console.log('fig: stopped before it was ready.')
    return 0
  } finally {
    progress.end()
  }
  const readyAfterMs = performance.now() - startedAt
  console.log(describeReady(stack.description, { flags: await flags, readyAfterMs }))
  return await untilStopped(stack, stop)
}

async function untilStopped(stack: Stack, stop: ReturnType<typeof stopRequested>): Promise<number> {
  try {
    await Promise.race([stack.failed, stop.requested])
    console.log(`\nfig: stopping (${stop.reason()}) …`)
    return 0
  } finally {
    const startedAt = performance.now()
    await stack.stop()
    console.log(`fig: everything is stopped (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
  }
}
