export { type ExitCode, runCommandLine } from './command-line.ts'
