import { defineConfig } from 'vitest/config'

const folders = ['src', 'scripts', 'legacy-fixtures', 'test', 'bench/edge']
const unit = folders.map((folder) => `${folder}/**/*.test.ts`)
const db = folders.map((folder) => `${folder}/**/*.db.test.ts`)
const site = folders.map((folder) => `${folder}/**/*.site.test.ts`)

export default defineConfig({
  test: {
    cache: false, // two runs side by side would write the same file
    projects: [
      {
        test: {
          name: 'unit',
          include: unit,
          exclude: [...db, ...site],
          testTimeout: 20_000,
          maxWorkers: 4, // many of them wait, for deadlines of a connection for one
        },
      },
      {
        test: {
          name: 'db',
          include: db,
          globalSetup: 'test/database-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'site',
          include: site,
          globalSetup: 'test/site-setup.ts',
          fileParallelism: false, // they share one Fig, and some of them restart it
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
