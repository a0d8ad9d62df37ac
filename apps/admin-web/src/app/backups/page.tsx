import { PlatformBackups } from '../../features/backups/platform-backups.tsx'

export default function Page() {
  return <PlatformBackups />
}
