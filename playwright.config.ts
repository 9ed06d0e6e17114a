import { defineConfig } from '@playwright/test'
import { findChromium } from './test/find-chromium.ts'

export default defineConfig({
  testDir: 'e2e',
  outputDir: process.env.FIG_E2E_OUTPUT ?? 'test-results',
  globalSetup: './test/browser-setup.ts',
  workers: 1, // the tests flip flags that all of them see
  timeout: 60_000,
  reporter: 'list',
  forbidOnly: true,
  use: {
    // What was done and asked for. Pictures and copies of every page would cost a quarter more processor time.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: findChromium(),
      args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    },
  },
})
