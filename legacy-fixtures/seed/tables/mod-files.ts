import { dateTimeOf, daySeconds } from '../calendar.ts'
import type { ModPlan } from '../mod-plan.ts'
import { Random } from '../random.ts'
import { bit, columns, type TableSeed, type Value } from '../table-seed.ts'
import { fileSlug } from '../text/names.ts'
import { traps } from '../traps.ts'
import { plans, type World } from '../world.ts'
import { modNameOf, versionOf } from './mods.ts'

export const modFiles: TableSeed = {
  table: 'mod_files',
  columns: columns(
    'id',
    'mod_id',
    'name',
    'filename',
    'path',
    'version',
    'category',
    'size_bytes',
    'md5',
    'changelog',
    'downloads',
    bit('primary'),
    'uploaded',
  ),
  key: ['id'],
  weight: 4,
  estimate: (world) => world.totals.files,
  *rows(world) {
    const random = new Random(0, 0, 0)
    let id = 0
    for (const plan of plans(world)) {
      if (plan.files === 0) continue
      random.restart(world.seed, 4, plan.id)
      let downloadsLeft = plan.downloadCount
      for (let index = 0; index < plan.files; index++) {
        const isLast = index === plan.files - 1
        const downloads = isLast ? downloadsLeft : Math.floor(downloadsLeft * random.fraction())
        downloadsLeft -= downloads
        id++
        yield traps.apply('mod_files', id, modFiles.columns, file(world, random, plan, id, index, downloads))
      }
    }
  },
}

// --- internal ---

const fileNames = ['Main file', 'Update', 'Optional textures', 'Loose files', 'Patch', 'Lite version', 'Source']
const categories = ['main', 'update', 'optional', 'old', 'misc']
const changes = [
  'fixed the crash',
  'fixed the fix',
  'less snow',
  'new icons',
  'translated the menu',
  'removed mudcrabs',
]

function file(world: World, random: Random, plan: ModPlan, id: number, index: number, downloads: number): Value[] {
  const slug = fileSlug(modNameOf(world.seed, plan.id))
  const version = versionOf(random)
  const extension = random.pick(['zip', '7z', 'rar'])
  const uploaded = plan.createdSeconds + Math.floor(index * random.fraction() * 30 * daySeconds)
  return [
    id,
    plan.id,
    index === 0 ? 'Main file' : random.pick(fileNames),
    `${slug}-${plan.id}-${version.replace(/[^A-Za-z0-9]+/g, '-')}.${extension}`,
    `${plan.id}/${id}.${extension}`,
    version,
    index === 0 ? 'main' : plan.id === 66 ? 'old' : random.pick(categories),
    random.between(1000, 400_000_000),
    random.hex(32),
    random.chance(0.5) ? null : changelog(random, version),
    downloads,
    index === 0 ? 1 : 0,
    `${dateTimeOf(uploaded)}.${String(random.below(1_000_000)).padStart(6, '0')}`,
  ]
}

function changelog(random: Random, version: string): string {
  let text = `${version}\n`
  for (let left = random.between(1, 3); left > 0; left--) text += `- ${random.pick(changes)}\n`
  return text
}
