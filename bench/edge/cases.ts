/** What is measured. Every request is one that Fig's route table matches and whose flag says PHP. */

export interface LoadCase {
  readonly name: string
  readonly title: string
  readonly method: 'GET' | 'POST'
  /** Asked for in turns. */
  readonly paths: readonly string[]
  /** Bytes of the request's body. */
  readonly bodyBytes: number
  /** Bytes of the answer's body. */
  readonly answerBytes: number
  /** These proxies; undefined for one of each kind. */
  readonly proxies: readonly string[] | undefined
}

/** Clients at once, each with a connection that it keeps. */
export const connections = 20

export const tinyText = 'It works: 24 bytes long.'
export const pageBytes = 4_096
export const largeBytes = 1_048_576
export const postBytes = 65_536
export const postAnswer = 'taken\n'

export const loadCases: readonly LoadCase[] = [
  get('tiny', 'Tiny answer (24 bytes)', ['/articles/4711'], tinyText.length),
  get('4k', '4 KB answer', ['/topics/4711'], pageBytes),
  get('1m', '1 MB answer', ['/downloads/4711'], largeBytes),
  {
    name: 'post',
    title: 'POST of 64 KB',
    method: 'POST',
    paths: ['/comments/4711'],
    bodyBytes: postBytes,
    answerBytes: postAnswer.length,
    proxies: undefined,
  },
  {
    // One path of each kind that a table is looked up by: parameter, literal, query, and one that no route takes.
    ...get(
      'routes',
      'Size of the route table (tiny answer)',
      ['/articles/4711', '/section-0/page-0.html', '/index.php?page=page-0&sort=new', '/not-in-the-table.html'],
      tinyText.length,
    ),
    proxies: ['fig', 'fig-500', 'fig-10000'],
  },
]

export const caseNames: readonly string[] = [...loadCases.map(({ name }) => name), 'memory']

/** What a browser sends; the visitor already has a session and Fig's cookie. */
export const requestHeaders: Readonly<Record<string, string>> = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Encoding': 'gzip, deflate, br',
  'Accept-Language': 'en-GB,en;q=0.9,de;q=0.7',
  Cookie: 'PHPSESSID=0123456789abcdef0123456789; fig_visitor=AAAAAAAAAAAAAAAAAAAAAA; theme=dark',
}

// --- internal ---

function get(name: string, title: string, paths: readonly string[], answerBytes: number): LoadCase {
  return { name, title, method: 'GET', paths, bodyBytes: 0, answerBytes, proxies: undefined }
}
