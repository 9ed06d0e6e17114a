import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Application, administrator } from '../../application.ts'
import { runProgram } from '../../run-program.ts'
import { dokuwikiJourneys } from './journeys.ts'
import { dokuwikiMasks } from './masks.ts'

export const dokuwiki: Application = {
  name: 'dokuwiki',
  title: 'DokuWiki',
  packages: ['dokuwiki', 'php-geshi', 'libphp-simplepie', 'php-phpseclib', 'php-random-compat'],
  extensions: ['mbstring', 'xml', 'gd', 'intl'],
  needsDatabase: false,
  // As DokuWiki's own recipe for nginx has it.
  nginxRules: () => `
location / { try_files $uri $uri/ @wiki; }
location @wiki {
  rewrite ^/_media/(.*) /lib/exe/fetch.php?media=$1 last;
  rewrite ^/_detail/(.*) /lib/exe/detail.php?media=$1 last;
  rewrite ^/_export/([^/]+)/(.*) /doku.php?do=export_$1&id=$2 last;
  rewrite ^/(.*) /doku.php?id=$1&$args last;
}
location ~ ^/(data|conf|bin|inc|vendor)/ { return 404; }
location ~ \\.php$ {
  try_files $uri @wiki;
  {php}
}`,
  layOut: async ({ root, documents }) => {
    await runProgram(['cp', '-a', '-L', '-T', join(root, 'usr/share/dokuwiki'), documents])
    await runProgram(['cp', '-a', '-T', join(root, 'etc/dokuwiki'), join(documents, 'conf')])
    // Debian's file only says that everything lies elsewhere.
    writeFileSync(join(documents, 'inc/preload.php'), '<?php\n')
    rmSync(join(documents, 'install.php'), { force: true })
    bringLibraries(root, documents)
  },
  // Its installer writes these files and nothing else.
  install: async ({ documents, storage, php }) => {
    const { user, mail, password } = administrator
    const hash = await php(['-r', `echo password_hash(${JSON.stringify(password)}, PASSWORD_BCRYPT);`])
    const conf = join(documents, 'conf')
    writeFileSync(join(conf, 'local.php'), localSettings)
    writeFileSync(join(conf, 'users.auth.php'), `${user}:${hash}:Admin:${mail}:admin,user\n`)
    writeFileSync(join(conf, 'acl.auth.php'), '*\t@ALL\t8\n*\t@admin\t16\n')
    const data = join(storage, 'data')
    const folders = [
      'attic',
      'cache',
      'index',
      'locks',
      'log',
      'media',
      'media_attic',
      'media_meta',
      'meta',
      'pages',
      'tmp',
    ]
    for (const folder of folders) mkdirSync(join(data, folder), { recursive: true })
    for (let number = 1; number <= 25; number += 1) writePage(join(data, 'pages'), number)
    writeFileSync(join(data, 'pages/start.txt'), `====== Start ======\n${links}\n`)
  },
  masks: dokuwikiMasks,
  journeys: dokuwikiJourneys,
}

// --- internal ---

/** Debian's packages look for each other below /usr/share. */
function bringLibraries(root: string, documents: string): void {
  for (const folder of ['php', 'php-geshi']) {
    cpSync(join(root, 'usr/share', folder), join(documents, 'inc', folder), { recursive: true, dereference: true })
  }
  const files = ['inc/load.php', 'inc/parserutils.php']
  for (const name of readdirSync(join(documents, 'vendor/composer'))) {
    if (name.endsWith('.php')) files.push(`vendor/composer/${name}`)
  }
  for (const file of files) {
    const code = readFileSync(join(documents, file), 'utf8')
    writeFileSync(join(documents, file), code.replaceAll("'/usr/share/php", "DOKU_INC . 'inc/php"))
  }
}

const localSettings = `<?php
ini_set('include_path', DOKU_INC . 'inc/php:' . ini_get('include_path'));
$conf['title'] = 'Compat & more';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
$conf['userewrite'] = 1;
$conf['remote'] = 1;
$conf['updatecheck'] = 0;
$conf['savedir'] = getenv('COMPAT_STORAGE') . '/data';
$conf['disableactions'] = 'register';
`

const links = Array.from({ length: 25 }, (_, index) => `  * [[page${index + 1}|Page ${index + 1}]]`).join('\n')

function writePage(folder: string, number: number): void {
  const file = join(folder, `page${number}.txt`)
  const text = `====== Page ${number} “ü” ☃ ======
Text with **bold**, //italic//, a [[page${number + 1}|link]], [[missing${number}]] and a note ((Note ${number})).
===== Section =====
^ Number ^ Square ^
| ${number} | ${number * number} |
<code php><?php echo ${number}; ?></code>
${`A line about number ${number}. `.repeat(number * 10)}
`
  writeFileSync(file, text)
  const written = new Date(Date.UTC(2024, 4, number, 10))
  utimesSync(file, written, written)
}
