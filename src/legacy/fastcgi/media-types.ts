/** Content-Type of a file by the end of its name, as web servers have it where nobody says otherwise. */
export const usualTypes: Readonly<Record<string, string>> = {
  ...ofType('text/html', 'html htm shtml'),
  ...ofType('text/css', 'css'),
  ...ofType('text/xml', 'xml'),
  ...ofType('text/plain', 'txt'),
  ...ofType('text/csv', 'csv'),
  ...ofType('application/javascript', 'js mjs'),
  ...ofType('application/json', 'json map'),
  ...ofType('application/manifest+json', 'webmanifest'),
  ...ofType('application/atom+xml', 'atom'),
  ...ofType('application/rss+xml', 'rss'),
  ...ofType('application/xhtml+xml', 'xhtml'),
  ...ofType('application/pdf', 'pdf'),
  ...ofType('application/rtf', 'rtf'),
  ...ofType('application/wasm', 'wasm'),
  ...ofType('application/zip', 'zip'),
  ...ofType('application/gzip', 'gz'),
  ...ofType('application/x-7z-compressed', '7z'),
  ...ofType('application/x-rar-compressed', 'rar'),
  ...ofType('application/msword', 'doc'),
  ...ofType('application/vnd.ms-excel', 'xls'),
  ...ofType('application/vnd.ms-powerpoint', 'ppt'),
  ...ofType('application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'),
  ...ofType('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'),
  ...ofType('application/vnd.openxmlformats-officedocument.presentationml.presentation', 'pptx'),
  ...ofType('application/vnd.oasis.opendocument.text', 'odt'),
  ...ofType('application/vnd.ms-fontobject', 'eot'),
  ...ofType('font/woff', 'woff'),
  ...ofType('font/woff2', 'woff2'),
  ...ofType('font/ttf', 'ttf'),
  ...ofType('font/otf', 'otf'),
  ...ofType('image/avif', 'avif'),
  ...ofType('image/gif', 'gif'),
  ...ofType('image/jpeg', 'jpeg jpg'),
  ...ofType('image/png', 'png'),
  ...ofType('image/svg+xml', 'svg svgz'),
  ...ofType('image/tiff', 'tif tiff'),
  ...ofType('image/webp', 'webp'),
  ...ofType('image/x-icon', 'ico'),
  ...ofType('image/x-ms-bmp', 'bmp'),
  ...ofType('audio/mpeg', 'mp3'),
  ...ofType('audio/ogg', 'ogg'),
  ...ofType('audio/x-m4a', 'm4a'),
  ...ofType('video/mp4', 'mp4'),
  ...ofType('video/mpeg', 'mpeg mpg'),
  ...ofType('video/quicktime', 'mov'),
  ...ofType('video/webm', 'webm'),
  ...ofType('video/x-msvideo', 'avi'),
}

/** The end of a name without its dot, in small letters; empty where there is none. */
export function nameEnd(path: string): string {
  return /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
}

// --- internal ---

function ofType(type: string, ends: string): Record<string, string> {
  return Object.fromEntries(ends.split(' ').map((end) => [end, type]))
}
