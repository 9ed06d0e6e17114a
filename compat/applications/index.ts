import type { Application } from '../application.ts'
import { wordpress } from './wordpress/index.ts'

export const applications: readonly Application[] = [wordpress]
export const applicationNames: readonly string[] = applications.map(({ name }) => name)
