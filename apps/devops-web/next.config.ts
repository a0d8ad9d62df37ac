import { join } from 'node:path'
import process from 'node:process'
import { dashboardConfig } from '@console/console/next-config.ts'

export default dashboardConfig(join(import.meta.dirname, '../..'), process.env.BUILD_ID)
