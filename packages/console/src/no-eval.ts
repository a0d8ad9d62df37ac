import { config } from 'zod'

// Zod tries `new Function` to make its checks faster; our policy forbids that, and each try would be a violation.
config({ jitless: true })
