/**
 * What a web server's configuration says about a PHP site, as far as a visitor can see it: which addresses are scripts, which
 * are files, and which are rewritten. Paths are matched decoded, without query, one character per byte.
 */
export interface FastcgiSite {
  /** Names looked for in a folder. A folder without slash that has one of them is redirected to the one with. */
  readonly index?: readonly string[]
  /** `/index.php/extra` runs `/index.php` with PATH_INFO. */
  readonly pathInfo?: boolean
  /** Before any file is looked for: the first rule that matches decides. */
  readonly rules?: readonly PathRule[]
  /** Where there is no file: the first that matches leads elsewhere. When none does, the answer is 404. */
  readonly rewrites?: readonly Rewrite[]
  /** Files other than scripts are sent by Fig. Left out: there are none, every address without a script goes to `rewrites`. */
  readonly files?: FileSettings
  /** Folders that scripts hand files out of by `X-Accel-Redirect`; to visitors such addresses are 404. */
  readonly internal?: readonly InternalFolder[]
  /** Pages for refusals by status, files below the document root: `{ 413: '/413.html' }`. */
  readonly errorPages?: Readonly<Record<number, string>>
  /** Larger bodies of requests are refused with 413. */
  readonly bodyBytesMax?: number
  /** Folders outside the document root to which symbolic links in it may lead. */
  readonly linkTargets?: readonly string[]
  /** Ends of names that are scripts. php-fpm has its own list, `security.limit_extensions`. */
  readonly scriptEnds?: readonly string[]
  /** SERVER_NAME; the name that the client asked for when left out. */
  readonly serverName?: string
  /** SERVER_SOFTWARE. Sites look for the name of the server that they ran on. */
  readonly serverSoftware?: string
  /** More variables for PHP, or other values. */
  readonly variables?: Readonly<Record<string, string>>
}

export interface Rewrite {
  readonly match: RegExp
  /**
   * A path, and what its query begins with; `$1` to `$9` are groups of `match`. The query that came follows, unless this ends
   * with `?`. The new address is looked up from the start.
   */
  readonly to: string
}

export type PathRule = Rewrite | RefusingRule | FilesRule

export interface RefusingRule {
  readonly match: RegExp
  readonly status: 403 | 404 | 410
}

/** Below such paths nothing is run: files are sent, scripts are neither run nor shown. */
export interface FilesRule {
  readonly match: RegExp
  readonly only: 'files'
  readonly expires?: Expires
  /** The file that is sent where there is none, or 404; `rewrites` when left out. */
  readonly otherwise?: string | 404
}

/** Seconds that browsers may keep a file; `max` for ever. */
export type Expires = 'max' | number

export interface FileSettings {
  /** Content-Type by the end of a name; for the usual ones when left out. */
  readonly types?: Readonly<Record<string, string>>
  readonly defaultType?: string
  readonly expires?: Expires
}

export interface InternalFolder {
  /** Begins and ends with a slash. */
  readonly prefix: string
  /** Absolute. */
  readonly folder: string
}

/** For sites that are one front controller: what is no script goes to `/index.php`, which looks at REQUEST_URI. */
export const frontControllerSite: FastcgiSite = Object.freeze({
  index: ['index.php'],
  pathInfo: true,
  rules: [{ match: /\/\.(?!well-known\/)/, status: 404 as const }],
  rewrites: [{ match: /^/, to: '/index.php' }],
})

/** For the types; the rules are checked when Fig starts. */
export function defineFastcgiSite(site: FastcgiSite): FastcgiSite {
  return site
}

/** What is wrong with a site, one line each, with the remedy. */
export function siteProblems(site: FastcgiSite): readonly string[] {
  const rules = site.rules ?? []
  return [
    ...rules.flatMap((rule, i) => ruleProblems(rule, `rules[${i}]`)),
    ...(site.rewrites ?? []).flatMap((rewrite, i) => rewriteProblems(rewrite, `rewrites[${i}]`)),
    ...(site.internal ?? []).flatMap(({ prefix, folder }, i) => [
      ...(/^\/.*\/$/.test(prefix) ? [] : [`internal[${i}].prefix: begin and end it with a slash`]),
      ...(folder.startsWith('/') ? [] : [`internal[${i}].folder: give an absolute path`]),
    ]),
    ...(site.linkTargets ?? [])
      .filter((folder) => !folder.startsWith('/'))
      .map((folder) => `linkTargets: give absolute paths, not ${JSON.stringify(folder)}`),
    ...Object.entries(site.errorPages ?? {}).flatMap(([status, path]) =>
      path.startsWith('/') ? [] : [`errorPages[${status}]: begin it with a slash`],
    ),
    ...(site.scriptEnds ?? [])
      .filter((end) => !/^\.[a-z0-9]+$/.test(end))
      .map((end) => `scriptEnds: give ends such as .php, not ${JSON.stringify(end)}`),
    ...Object.keys(site.variables ?? {})
      .filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name) || name.startsWith('HTTP_'))
      .map((name) => `variables: ${JSON.stringify(name)} is no name for a variable; HTTP_* are the client's`),
  ]
}

// --- internal ---

function ruleProblems(rule: PathRule, where: string): readonly string[] {
  if ('to' in rule) {
    return rewriteProblems(rule, where)
  }
  const otherwise = 'only' in rule ? rule.otherwise : undefined
  return [
    ...patternProblems(rule.match, where),
    ...(typeof otherwise !== 'string' || otherwise.startsWith('/')
      ? []
      : [`${where}.otherwise: begin it with a slash`]),
  ]
}

function rewriteProblems({ match, to }: Rewrite, where: string): readonly string[] {
  return [
    ...patternProblems(match, where),
    ...(typeof to === 'string' && to.startsWith('/') ? [] : [`${where}.to: begin it with a slash`]),
  ]
}

function patternProblems(match: unknown, where: string): readonly string[] {
  if (!(match instanceof RegExp)) {
    return [`${where}.match: give a regular expression`]
  }
  // Such a pattern remembers where it stopped, so every other request would miss it.
  return match.global || match.sticky ? [`${where}.match: leave out the flags g and y`] : []
}
