import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Application, administrator } from '../../application.ts'
import { runProgram } from '../../run-program.ts'
import { mediawikiJourneys } from './journeys.ts'
import { mediawikiMasks } from './masks.ts'
import { pagesToImport } from './seed.ts'

export const mediawiki: Application = {
  name: 'mediawiki',
  title: 'MediaWiki',
  packages: ['mediawiki', 'mediawiki-classes'],
  extensions: ['mbstring', 'xml', 'intl', 'gd', 'curl'],
  needsDatabase: true,
  nginxRules: () => `
location / { try_files $uri $uri/ =404; }
location = / { rewrite ^ /index.php; }
location /wiki/ { rewrite ^ /index.php; }
location ~ ^/(includes|maintenance|mw-config|vendor|cache)/ { return 404; }
location ~* ^/(resources|skins|extensions|images)/ { expires 7d; try_files $uri =404; }
location ~ ^/rest\\.php {
  fastcgi_split_path_info ^(/rest\\.php)(/.*)$;
  {php}
}
location ~ \\.php$ {
  try_files $uri =404;
  {php}
}`,
  layOut: async ({ root, documents }) => {
    await runProgram(['cp', '-a', '-L', '-T', join(root, 'usr/share/mediawiki'), documents])
  },
  install: async ({ documents, storage, database, php }) => {
    const { name, port, user, password } = database
    const account = [
      `--dbuser=${user}`,
      `--dbpass=${password}`,
      `--installdbuser=${user}`,
      `--installdbpass=${password}`,
    ]
    const where = [
      `--dbserver=127.0.0.1:${port}`,
      `--dbname=${name}`,
      '--scriptpath=',
      '--server=http://www.compat.example',
    ]
    const site = [`--pass=${administrator.password}`, 'Compat', 'Admin']
    await php(['maintenance/install.php', ...account, ...where, ...site])
    rmSync(join(documents, 'LocalSettings.php'))
    copyFileSync(join(import.meta.dirname, 'local-settings.php'), join(documents, 'LocalSettings.php'))
    await php(['maintenance/update.php', '--quick'])
    const dump = join(storage, 'pages.xml')
    writeFileSync(dump, pagesToImport())
    await php(['maintenance/importDump.php', dump])
    await php(['maintenance/rebuildrecentchanges.php'])
    await php(['maintenance/initSiteStats.php', '--update'])
    await php(['maintenance/runJobs.php'])
  },
  masks: mediawikiMasks,
  journeys: mediawikiJourneys,
}
