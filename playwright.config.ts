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
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: findChromium(),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
