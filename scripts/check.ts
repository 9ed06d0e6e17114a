/** npm run check: what needs no database; quick enough to run before every commit. */
import { runSuites } from './suites/run-suites.ts'

process.exitCode = await runSuites('npm run check', process.argv.slice(2), ['style', 'types', 'unit'])
