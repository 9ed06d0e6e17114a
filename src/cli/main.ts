import { runCommandLine } from './command-line.ts'

/** The process `fig`: bin/fig.mjs comes here once the right Node runs. */
process.exitCode = await runCommandLine(process.argv, process)
