/** The browser that the system has: Playwright downloads none. */
import { existsSync } from 'node:fs'

export function findChromium(): string {
  const wanted = process.env.FIG_CHROMIUM
  const found = (wanted === undefined ? places : [wanted]).find((path) => existsSync(path))
  if (found === undefined) {
    throw new Error(`No Chromium at ${wanted ?? places.join(', ')}: install it, or say where it is with FIG_CHROMIUM`)
  }
  return found
}

// --- internal ---

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
