import { type CommandCall, type CommandResult, type CommandSpec, UsageError } from './command.ts'
import { commandCatalogue } from './command-catalogue.ts'
import { done } from './run-command.ts'
import { serveOptions } from './serve.ts'
import { plain } from './table.ts'

/** `fig completion bash|zsh|fish`: a script for the shell, made of the list of commands. */
export async function completion(call: CommandCall): Promise<CommandResult> {
  const [shell, ...rest] = call.words
  const scripts = { bash, zsh, fish } as const
  if (shell === undefined || !(shell in scripts) || rest.length > 0) {
    const wrong =
      shell === undefined ? 'the shell is missing' : `"${plain(call.words.join(' '))}" is no shell that is known`
    throw new UsageError(`${wrong}; give bash, zsh or fish`)
  }
  const script = scripts[shell as keyof typeof scripts](await completedCommands())
  return done(script, { shell, script })
}

// --- internal ---

interface Completed {
  readonly name: string
  readonly summary: string
  readonly words: readonly string[]
  readonly options: readonly {
    readonly name: string
    readonly help: string
    readonly takes: 'nothing' | 'file' | 'value'
    readonly many?: true
  }[]
}

async function completedCommands(): Promise<readonly Completed[]> {
  const { initOptions, newOptions } = await import('../scaffold/index.ts')
  return [
    { name: 'serve', summary: 'Put Fig in front of a legacy site', words: [], options: serveOptions.map(ofFlag) },
    { name: 'init', summary: 'Write a minimal project', words: [], options: initOptions.map(ofFlag) },
    { name: 'new', summary: 'Write handler, route and test', words: [], options: newOptions.map(ofFlag) },
    ...commandCatalogue.map(({ name, summary, words = [], options }) => ({
      name,
      summary,
      words,
      options: [...options.map(ofOption), { name: 'help', help: 'This text', takes: 'nothing' as const }],
    })),
  ]
}

/** '--tls-cert <file>', as the options of cac are written. */
function ofFlag({ flag, help }: { readonly flag: string; readonly help: string }) {
  const [name = '', value] = flag.split(' ')
  return ofOption({ name: name.replace(/^--/, ''), help, ...(value !== undefined && { value }) })
}

function ofOption({ name, value, help, many }: CommandSpec['options'][number]): Completed['options'][number] {
  const takes = value === undefined ? 'nothing' : /^<(?:file|folder)>/.test(value) ? 'file' : 'value'
  return { name, help, takes, ...(many && { many }) }
}

function bash(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const cases = commands.map(
    ({ name, words, options }) =>
      `    ${name}) words="${words.join(' ')}" options="${options.map((option) => `--${option.name}`).join(' ')}" ;;`,
  )
  return `# Put this into ~/.bashrc: source <(fig completion bash)
_fig() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words="" options=""
  case "$before" in
    ${withFile(commands).join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${withValue(commands).join('|')}) COMPREPLY=(); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ "\${word#-}" = "$word" ]; then options="$words"; fi
  COMPREPLY=($(compgen -W "$options" -- "$word"))
}
complete -o default -F _fig fig`
}

function zsh(commands: readonly Completed[]): string {
  const described = commands.map(({ name, summary }) => `    '${name}:${quoted(summary, ':')}'`)
  const cases = commands.map(({ name, words, options }) => {
    const first = words.length === 0 ? [] : [`'1:what:(${words.join(' ')})'`]
    const specs = [...options.map(zshOption), ...first, "'*:word:_default'"]
    return `    ${name}) _arguments -S ${specs.join(' ')} ;;`
  })
  return `#compdef fig
# Put this into ~/.zshrc, below compinit: source <(fig completion zsh)
_fig() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local name="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$name" in
${cases.join('\n')}
  esac
}
compdef _fig fig`
}

function zshOption({ name, help, takes, many }: Completed['options'][number]): string {
  const value = { nothing: '', file: ':file:_files', value: ':value: ' }[takes]
  return `'${many === true ? '*' : ''}--${name}[${quoted(help, '[]:')}]${value}'`
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, summary, words, options }) => [
    `complete -c fig -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary)}'`,
    ...words.map((word) => `complete -c fig -n '__fish_seen_subcommand_from ${name}' -f -a ${word}`),
    ...options.map((option) => {
      const takes = { nothing: '-f', file: '-r -F', value: '-x' }[option.takes]
      return `complete -c fig -n '__fish_seen_subcommand_from ${name}' -l ${option.name} ${takes} -d '${quoted(option.help)}'`
    }),
  ])
  return `# Put this into ~/.config/fish/completions/fig.fish\n${lines.join('\n')}`
}

function withFile(commands: readonly Completed[]): readonly string[] {
  return optionsThatTake(commands, 'file')
}

function withValue(commands: readonly Completed[]): readonly string[] {
  const files = withFile(commands)
  return optionsThatTake(commands, 'value').filter((option) => !files.includes(option))
}

function optionsThatTake(commands: readonly Completed[], what: 'file' | 'value'): readonly string[] {
  const found = commands.flatMap(({ options }) => options.filter(({ takes }) => takes === what))
  return [...new Set(found.map(({ name }) => `--${name}`))]
}

/** For single quotes of all three shells; what has a meaning of its own in a description is left out. */
function quoted(text: string, special = ''): string {
  return [...text.replaceAll(/['\\`$]/g, '')].filter((each) => !special.includes(each)).join('')
}
