import { defineRoutes } from './src/index.ts'
import { endorse } from './src/modern/endorse/handler.ts'
import { showMod } from './src/modern/mod-page/handler.ts'

/** Which requests have a modern handler. The flag, not this file, says which side answers now. */
export default defineRoutes({
  routes: [
    {
      id: 'mod-page',
      match: [
        'GET /:game([a-z0-9]+)/mods/:id(\\d{1,9})',
        'GET /:game([a-z0-9]+)/mods/:id(\\d{1,9})/',
        { path: '/index.php', query: { page: 'mod', id: ':id(\\d{1,9})' } },
      ],
      flag: 'mod-page',
      modern: showMod,
      reads: [
        'users',
        'games',
        'categories',
        'mods',
        'mod_files',
        'mod_images',
        'mod_requirements',
        'endorsements',
        'comments',
      ],
    },
    {
      id: 'endorse',
      match: { path: '/ajax.php', form: { action: /^(?:endorse|abstain)$/ } },
      flag: 'mod-page',
      modern: endorse,
      reads: ['users', 'mods'],
      writes: ['endorsements'],
    },
  ],
})
