import { type Config, loadConfig } from '../config.ts'
import { AppError, isAppError } from '../platform/index.ts'
import type { CommandCall } from './command.ts'

/** Options that stand for a setting. */
const variableOf: Readonly<Record<string, string>> = {
  postgres: 'FIG_POSTGRES_URL',
  routes: 'FIG_ROUTES',
  'flags-file': 'FIG_FLAGS_FILE',
  'data-dir': 'FIG_DATA_DIR',
}

/**
 * The settings that a command needs, read as `fig serve` reads them; an option goes before its variable. The others are not
 * looked at: a wrong one must not keep anybody from killing.
 * @throws AppError 'config.invalid'
 */
export function settingsOf({ text, env, cwd }: CommandCall, names: readonly string[]): Config {
  const given = Object.fromEntries(names.map((name) => [name, env[name]]))
  const written: Record<string, string> = {}
  for (const [option, variable] of Object.entries(variableOf)) {
    const value = text(option)
    if (value !== undefined && names.includes(variable)) written[variable] = value
  }
  // Flags come from one place: the file that is named on the command line is meant.
  if (written.FIG_FLAGS_FILE !== undefined) given.FIG_UNLEASH_URL = undefined
  try {
    return loadConfig({ ...given, ...written, FIG_LEGACY_URL: 'http://127.0.0.1' }, cwd)
  } catch (error) {
    throw isAppError(error, 'config.invalid') ? inWordsOfTheCommandLine(error, written) : error
  }
}

// --- internal ---

/** Who wrote `--postgres` should read `--postgres`. */
function inWordsOfTheCommandLine(error: AppError, written: Readonly<Record<string, string>>): AppError {
  let message = error.message
  for (const [option, variable] of Object.entries(variableOf))
    if (variable in written) message = message.replaceAll(`${variable}:`, `--${option}:`)
  return new AppError('config.invalid', message, { cause: error })
}
