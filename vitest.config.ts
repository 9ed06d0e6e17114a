import { defineConfig } from 'vitest/config'

const everywhere = ['src', 'scripts', 'legacy-fixtures', 'test']
const db = everywhere.map((folder) => `${folder}/**/*.db.test.ts`)
const site = [...everywhere, 'e2e'].map((folder) => `${folder}/**/*.site.test.ts`)

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: everywhere.map((folder) => `${folder}/**/*.test.ts`),
          exclude: [...db, ...site],
        },
      },
      {
        test: {
          name: 'db',
          include: db,
          globalSetup: 'test/database-setup.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
