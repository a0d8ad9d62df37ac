/**
 * Loaded before all else in an image: its sources had their types blanked out when it was made, so Node takes them as they are.
 * Otherwise each process would load the part of Node that takes types away, which keeps some ten MiB for as long as it runs.
 */
import { registerHooks } from 'node:module'

registerHooks({ load: (url, context, next) => next(url, url.endsWith('.ts') ? { ...context, format: 'module' } : context) })
