import { spawn } from 'node:child_process'
import { freshEnvironment } from './commands.ts'

export interface ServedSite extends AsyncDisposable {
  readonly url: string
  /** Ends it as an operator does. */
  stop(): Promise<number | null>
}

/** `npm start`, on a port of its own. */
export async function serveSite(folder: string): Promise<ServedSite> {
  const bin = ['--env-file=.env', 'node_modules/fig-proxy/bin/fig.mjs', 'serve']
  const env = { ...freshEnvironment(folder), FIG_PORT: '0' }
  const child = spawn('node', bin, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk)
      const found = /"siteUrl":"([^"]+)"/.exec(stdout)?.[1]
      if (found !== undefined) resolve(found)
    })
    ended.then((code) => reject(new Error(`fig serve ended with ${code}: ${stderr}`)), reject)
  })
  const stop = () => {
    child.kill('SIGTERM')
    return ended
  }
  return { url, stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}
