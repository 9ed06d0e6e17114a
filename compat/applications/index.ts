import type { Application } from '../application.ts'
import { adminer } from './adminer/index.ts'
import { dokuwiki } from './dokuwiki/index.ts'
import { mediawiki } from './mediawiki/index.ts'
import { wordpress } from './wordpress/index.ts'

export const applications: readonly Application[] = [wordpress, mediawiki, dokuwiki, adminer]
export const applicationNames: readonly string[] = applications.map(({ name }) => name)
