import { NoSuchPage } from '@console/console/no-such-page.tsx'
import Link from 'next/link'

export default function NotFound() {
  return (
    <NoSuchPage
      home={
        <Link className="btn" href="/">
          Overview
        </Link>
      }
    />
  )
}
