/** npm test: everything that proves the product, on its own ports and folders, with one line of sums at the end. */
import { runSuites, suiteNames } from './suites/run-suites.ts'

process.exitCode = await runSuites('npm test', process.argv.slice(2), suiteNames)
