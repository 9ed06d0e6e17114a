import type { Surroundings } from '../workers/index.ts'

/** 0: done. 1: it could not be done. 2: the command line or the configuration is wrong. */
export type ExitCode = 0 | 1 | 2

export interface CommandOption {
  /** Without the dashes. */
  readonly name: string
  /** What stands for its value in the usage, such as '<file>'; a switch has none. */
  readonly value?: string
  readonly help: string
  /** May be given several times. */
  readonly many?: true
}

/** One word after `fig`, as it is listed, explained and completed. What it does is loaded when it runs. */
export interface CommandSpec {
  readonly name: string
  readonly summary: string
  /** One line per form, without `fig`. */
  readonly usage: readonly string[]
  /** What may come first behind the name. */
  readonly words?: readonly string[]
  readonly options: readonly CommandOption[]
  /** Paragraphs below the options. */
  readonly notes?: readonly string[]
  readonly examples: readonly string[]
  readonly load: () => Promise<(call: CommandCall) => Promise<CommandResult>>
}

export type CommandTerminal = Surroundings & Pick<NodeJS.Process, 'stdout'>

export interface CommandCall {
  readonly spec: CommandSpec
  /** What is no option. */
  readonly words: readonly string[]
  /** By name; undefined where it was not given. */
  readonly text: (name: string) => string | undefined
  readonly texts: (name: string) => readonly string[]
  readonly has: (name: string) => boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** To people, whatever the output is. */
  readonly warn: (text: string) => void
}

export interface CommandResult {
  readonly code: ExitCode
  /** For people. */
  readonly text: string
  /** For programs: what --json prints. */
  readonly facts: Readonly<Record<string, unknown>>
}

/** The command line is wrong; it says with what, and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** It could not be done, for a reason outside of Fig that no error code is for; it says what, where, and what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

export const jsonOption: CommandOption = { name: 'json', help: 'One JSON document instead of words' }
