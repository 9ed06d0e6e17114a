import { type CommandOption, type CommandSpec, jsonOption } from './command.ts'

const postgres: CommandOption = {
  name: 'postgres',
  value: '<url>',
  help: 'Where the kill switch is kept, instead of FIG_POSTGRES_URL',
}
const routes: CommandOption = { name: 'routes', value: '<file>', help: 'The route table, instead of FIG_ROUTES' }
const who: CommandOption = { name: 'who', value: '<name>', help: 'Who does it; login name and host if left out' }

const flagSources: readonly CommandOption[] = [
  { name: 'flags-file', value: '<file>', help: 'Flags from this file, instead of FIG_FLAGS_FILE' },
  { name: 'data-dir', value: '<folder>', help: 'Where Fig keeps what it last knew, instead of FIG_DATA_DIR' },
]

const requestOptions: readonly CommandOption[] = [
  { name: 'header', value: "'<Name>: <value>'", help: 'A header of the request', many: true },
  { name: 'cookie', value: '<name>=<value>', help: 'A cookie of the request', many: true },
  {
    name: 'form',
    value: '<name>=<value>',
    help: 'A field of a form; makes it a POST if no method is given',
    many: true,
  },
  { name: 'json-body', value: "'{…}'", help: 'A JSON body; makes it a POST if no method is given' },
]

/** Every command but those of cac (serve, init, new), in the order of the help. Light: what they do is loaded when they run. */
export const commandCatalogue: readonly CommandSpec[] = [
  {
    name: 'kill',
    summary: 'Take everything, a group of routes or a side out of service, within a second',
    usage: ['kill all --why <text>', 'kill group <name> --why <text>', 'kill side <legacy|modern> --why <text>'],
    words: ['all', 'group', 'side'],
    options: [{ name: 'why', value: '<text>', help: 'The reason, for the history' }, who, postgres, routes, jsonOption],
    notes: [
      'all, a group and the modern side go to PHP; the legacy side goes to the handlers. Where several kills concern a\n' +
        'group the latest counts. A route table, where there is one, only serves to refuse groups that it does not have.',
    ],
    examples: [
      'fig kill all --why "checkout is broken"',
      'fig kill group product-page --why "wrong prices" --who ada',
      'fig kill side legacy --why "PHP is down"',
    ],
    load: async () => (await import('./kill.ts')).kill,
  },
  {
    name: 'undo',
    summary: 'Take a kill back: the flags decide again',
    usage: ['undo [id] --why <text>'],
    options: [{ name: 'why', value: '<text>', help: 'The reason, for the history' }, who, postgres, jsonOption],
    notes: ['Without an id the latest kill in force is taken back.'],
    examples: ['fig undo --why "prices are right again"', 'fig undo 12 --why "it was another one"'],
    load: async () => (await import('./kill.ts')).undo,
  },
  {
    name: 'kills',
    summary: 'What the kill switch holds in force, and its history',
    usage: ['kills [--history <number>]'],
    options: [
      { name: 'history', value: '<number>', help: 'So many kills and undos, newest first (1000 at most)' },
      postgres,
      jsonOption,
    ],
    examples: ['fig kills', 'fig kills --history 20'],
    load: async () => (await import('./kill.ts')).kills,
  },
  {
    name: 'override',
    summary: 'Make a signed token that gives whoever has it one side, or read one',
    usage: [
      'override create (--route <id> | --group <name> | --all) --side <legacy|modern> [--for <time>]',
      'override read <token>',
    ],
    words: ['create', 'read'],
    options: [
      { name: 'route', value: '<id>', help: 'For one route' },
      { name: 'group', value: '<name>', help: 'For every route of a group' },
      { name: 'all', help: 'For every route' },
      { name: 'side', value: '<side>', help: 'legacy or modern' },
      { name: 'for', value: '<time>', help: 'How long, such as 30m, 2h, 1h30m (1h; 24h at most)' },
      who,
      routes,
      jsonOption,
    ],
    notes: [
      'Both need FIG_SIGNING_KEYS, as the running Fig has it. Make a key: export FIG_SIGNING_KEYS="a:$(openssl rand -hex 32)"',
    ],
    examples: ['fig override create --group product-page --side modern --for 2h', 'fig override read "$TOKEN"'],
    load: async () => (await import('./override.ts')).override,
  },
  {
    name: 'routes',
    summary: 'List the route table, check it, or test which route takes a request',
    usage: ['routes list', 'routes check [--sync <file>]', "routes test '[<METHOD> ]<path>' [request options]"],
    words: ['list', 'check', 'test'],
    options: [
      routes,
      {
        name: 'sync',
        value: '<file>',
        help: 'check: the table mapping, instead of FIG_SYNC; reads and writes have to be in it',
      },
      ...requestOptions,
      jsonOption,
    ],
    notes: [
      'All from the files alone: no database, no flags, no running Fig. check ends with 1 where the table has a problem,\n' +
        'test where no route takes the request.',
    ],
    examples: [
      'fig routes check --routes routes.config.ts',
      "fig routes test 'GET /products/7'",
      "fig routes test /ajax.php --form action=add --form id=7 --header 'Host: shop.example'",
    ],
    load: async () => (await import('./routes.ts')).routes,
  },
  {
    name: 'explain',
    summary: 'How the decision for a request comes about, and what would change it',
    usage: ["explain '[<METHOD> ]<path or URL>' [request options] [--visitor <id>] [--property <name>=<value> …]"],
    options: [
      ...requestOptions,
      { name: 'visitor', value: '<id>', help: "The visitor id; else the cookie's, else one is made up" },
      {
        name: 'property',
        value: '<name>=<value>',
        help: 'What flags may ask of a visitor, such as memberId=7',
        many: true,
      },
      routes,
      ...flagSources,
      postgres,
      jsonOption,
    ],
    notes: [
      'Flags come from FIG_FLAGS_FILE, else from Unleash (waited for 2 s at most), else from the backup in FIG_DATA_DIR;\n' +
        'kills from Postgres, else from what a Fig on this machine kept in FIG_DATA_DIR.',
    ],
    examples: [
      'fig explain /products/7 --visitor qkX7ykq2JQ0mS2Jt6m1bZA',
      "fig explain 'POST /ajax.php' --form action=add --property memberId=7",
      'fig explain "https://shop.example/products/7?fig_override=$TOKEN"',
    ],
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'flags',
    summary: 'How every group of the route table stands: on, off, or on for a share',
    usage: ['flags'],
    options: [routes, ...flagSources, jsonOption],
    notes: [
      'From FIG_FLAGS_FILE, else from Unleash (waited for 2 s at most), else from the backup in FIG_DATA_DIR. A share is\n' +
        'drawn over 2,000 visitor ids without properties. Kills are not looked at: fig kills.',
    ],
    examples: ['fig flags', 'fig flags --flags-file flags.json --routes routes.config.ts'],
    load: async () => (await import('./flags.ts')).flags,
  },
  {
    name: 'status',
    summary: 'What a running Fig says of itself',
    usage: ['status [--operator <url>]'],
    options: [
      { name: 'operator', value: '<url>', help: 'Its operator address; else 127.0.0.1 and FIG_OPERATOR_PORT' },
      jsonOption,
    ],
    notes: ['Ends with 0 where it is ready, 1 where it is not or does not answer.'],
    examples: ['fig status --operator http://127.0.0.1:9090'],
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'completion',
    summary: 'A script that lets the shell complete commands and options',
    usage: ['completion <bash|zsh|fish>'],
    words: ['bash', 'zsh', 'fish'],
    options: [jsonOption],
    examples: ['source <(fig completion bash)', 'fig completion fish > ~/.config/fish/completions/fig.fish'],
    load: async () => (await import('./completion.ts')).completion,
  },
]

export function commandNamed(name: string | undefined): CommandSpec | undefined {
  return commandCatalogue.find((spec) => spec.name === name)
}
