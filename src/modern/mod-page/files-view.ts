import { countOf, escapeHtml, escapeLines, formatDate, formatSize } from '../frame/html.ts'
import { repairText } from '../frame/repair-text.ts'
import type { ModFile } from './queries.ts'

export function renderFiles(files: readonly ModFile[]): string {
  const groups = fileCategories.map(([category, title]) => {
    const inCategory = files.filter((file) => file.category === category)
    return inCategory.length === 0 ? '' : `<h3>${title}</h3>\n${inCategory.map(renderFile).join('')}`
  })
  const nothing = files.length === 0 ? '<p>There is nothing to download yet.</p>\n' : ''
  return `<div id="files" class="box">\n<h2>Files</h2>\n${nothing}${groups.join('')}</div>\n`
}

// --- internal ---

/** '' is what MySQL stores for a value that the enum does not have. */
const fileCategories: readonly (readonly [string, string])[] = [
  ['main', 'Main files'],
  ['update', 'Updates'],
  ['optional', 'Optional files'],
  ['misc', 'Miscellaneous'],
  ['', 'Other files'],
  ['old', 'Old versions'],
]

function renderFile(file: ModFile): string {
  const name = escapeHtml(repairText(file.name))
  const version = file.version === '' ? '' : ` <span class="version">${escapeHtml(file.version)}</span>`
  const badge = file.isPrimary === '1' ? ' <span class="badge">Main download</span>' : ''
  const md5 = file.md5 === '' ? '' : ` | MD5 <code>${escapeHtml(file.md5)}</code>`
  const changelog = file.changelog?.toString('utf8') ?? ''
  const changes = changelog === '' ? '' : `<p class="changelog">${escapeLines(repairText(changelog))}</p>\n`
  return `<div class="file" id="file-${file.id}">
<p class="download"><a class="button" href="/download/${file.id}">Download<span class="hidden"> ${name}</span></a></p>
<h4>${name}${version}${badge}</h4>
<p class="meta">${escapeHtml(file.filename)} | ${formatSize(file.sizeBytes)} | ${formatDate(file.uploaded)} | ${countOf(file.downloads, 'download')}${md5}</p>
${changes}</div>
`
}
