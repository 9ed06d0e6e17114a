import { benchRoutes } from './bench-routes.ts'

export default benchRoutes(500)
