import { CronPage } from '../../../features/hermes/cron-page.tsx'

export default function Page() {
  return <CronPage />
}
