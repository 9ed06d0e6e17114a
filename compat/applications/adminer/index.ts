import { join } from 'node:path'
import type { Application } from '../../application.ts'
import type { Mask } from '../../compare.ts'
import { runProgram } from '../../run-program.ts'
import { masksOfTheServer } from '../../server-masks.ts'
import { adminerJourneys } from './journeys.ts'

const masks: readonly Mask[] = [
  ...masksOfTheServer,
  {
    name: 'session cookie',
    reason: 'Random, as is the key under which a login is remembered.',
    in: 'header',
    pattern: /(Set-Cookie: adminer_(?:sid|key|permanent)=)(?!deleted)[^;]+/gi,
  },
  {
    name: 'end of a cookie',
    reason: 'So many days after the second of the answer.',
    in: 'header',
    pattern: /(Set-Cookie: [^;]+; expires=)[^;]+/gi,
  },
  {
    name: 'nonce of scripts in a header',
    reason: 'Random for each page: Content-Security-Policy allows the scripts that bear it.',
    in: 'header',
    pattern: /('nonce-)[A-Za-z0-9+/=]+/g,
  },
  {
    name: 'nonce of scripts',
    reason: 'As above.',
    in: 'body',
    pattern: /(nonce="|cspNonce = ")[A-Za-z0-9+/=]+/g,
  },
  {
    name: 'token',
    reason: 'Of the session, with a random number for each page, against forged forms.',
    in: 'body',
    pattern: /(name=["']token["'] value=["']|token=|, ')\d+(?::|%3A)\d+/g,
  },
  {
    name: 'milliseconds of a query',
    reason: 'Shown beside its result.',
    in: 'body',
    pattern: /()\d+\.\d{3} s(?=\b)/g,
  },
  {
    name: 'time of the clock',
    reason: 'The second of the answer, in dumps and tables.',
    in: 'body',
    pattern: /()\d\d:\d\d:\d\d/g,
  },
]

export const adminer: Application = {
  name: 'adminer',
  title: 'Adminer',
  packages: ['adminer'],
  extensions: ['mbstring', 'xml'],
  needsDatabase: true,
  nginxRules: () => `
location / { try_files $uri $uri/ /index.php?$args; }
location ~ \\.php$ {
  try_files $uri =404;
  {php}
}`,
  layOut: async ({ root, documents }) => {
    await runProgram(['mkdir', '-p', documents])
    await runProgram(['cp', '-a', '-L', join(root, 'usr/share/adminer/adminer.php'), join(documents, 'index.php')])
  },
  // MyISAM knows how many rows there are; InnoDB draws a sample and guesses.
  install: async ({ sql }) => {
    const rows = Array.from(
      { length: 300 },
      (_, index) => `('Name ${index} “ü” ☃', ${(index * 7) % 101}, '2024-01-01')`,
    )
    await sql(`create table people (id int auto_increment primary key, name varchar(100) not null, age int, born date, note text) engine=myisam;
create table pets (id int primary key, owner int, kind enum('cat', 'dog'), picture blob, key (owner));
insert into people (name, age, born) values ${rows.join(',\n')};
insert into pets values (1, 1, 'cat', x'00ff10'), (2, 1, 'dog', null), (3, 5, 'cat', 'text');
create view old as select * from people where age > 60;`)
  },
  masks,
  journeys: adminerJourneys,
}
