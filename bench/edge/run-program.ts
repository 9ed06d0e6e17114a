import { spawn } from 'node:child_process'

/** What it said on both streams, whatever its exit code. @throws where it can't be run at all */
export function outputOf(program: string, words: readonly string[], signal?: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  child.once('error', reject)
  child.once('close', () => resolve(text))
  return promise
}
