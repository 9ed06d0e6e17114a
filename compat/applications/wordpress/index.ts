import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Application, administrator } from '../../application.ts'
import { runProgram } from '../../run-program.ts'
import { wordpressJourneys, wordpressSecureJourneys } from './journeys.ts'
import { wordpressMasks } from './masks.ts'

export const wordpress: Application = {
  name: 'wordpress',
  title: 'WordPress',
  packages: [
    'wordpress',
    'wordpress-theme-twentytwentythree',
    'wordpress-theme-twentytwentytwo',
    'libjs-cropper',
    'libjs-prototype',
    'libjs-scriptaculous',
    'libjs-underscore',
    'php-getid3',
  ],
  extensions: ['mbstring', 'xml', 'gd', 'intl', 'curl'],
  needsDatabase: true,
  // As nginx's own recipe for WordPress has it.
  nginxRules: () => `
location / { try_files $uri $uri/ /index.php?$args; }
location ~* \\.(css|js|png|jpg|gif|svg|woff2?)$ { expires 7d; try_files $uri /index.php?$args; }
location ~ \\.php$ {
  try_files $uri /index.php?$args;
  {php}
}`,
  layOut: async ({ root, documents }) => {
    await runProgram(['cp', '-a', '-L', '-T', join(root, 'usr/share/wordpress'), documents])
    copyFileSync(join(import.meta.dirname, 'wp-config.php'), join(documents, 'wp-config.php'))
  },
  install: async ({ post, php }) => {
    await post('/wp-admin/install.php?step=2', {
      weblog_title: 'Compat',
      user_name: administrator.user,
      admin_password: administrator.password,
      admin_password2: administrator.password,
      pw_weak: '1',
      admin_email: administrator.mail,
      blog_public: '1',
      Submit: 'Install WordPress',
      language: '',
    })
    await php([join(import.meta.dirname, 'seed.php')])
  },
  masks: wordpressMasks,
  journeys: wordpressJourneys,
  secureJourneys: wordpressSecureJourneys,
}
