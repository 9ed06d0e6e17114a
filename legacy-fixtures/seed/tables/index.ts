import type { TableSeed } from '../table-seed.ts'
import { comments } from './comments.ts'
import { downloads } from './downloads.ts'
import { endorsements } from './endorsements.ts'
import { categories, games } from './games.ts'
import { apiUsage, messages, rememberTokens, trackedMods } from './membership.ts'
import { modFiles } from './mod-files.ts'
import { modImages } from './mod-images.ts'
import { modRequirements } from './mod-requirements.ts'
import { mods } from './mods.ts'
import { activityLog, dailyStats, importQueue, news, settings } from './site.ts'
import { modTags, tags } from './tags.ts'
import { users } from './users.ts'

// All tables of schema.sql, referenced ones first. A test holds the list and the schema equal.
export const tableSeeds: readonly TableSeed[] = [
  games,
  categories,
  users,
  tags,
  mods,
  modFiles,
  modImages,
  modRequirements,
  modTags,
  endorsements,
  comments,
  trackedMods,
  downloads,
  rememberTokens,
  news,
  messages,
  settings,
  apiUsage,
  activityLog,
  dailyStats,
  importQueue,
]
