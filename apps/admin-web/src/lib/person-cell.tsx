import { cleanLogText } from '@console/log-text/clean-log-text'
import { Avatar } from '@console/ui/person.tsx'
import Link from 'next/link'
import { paths } from './paths.ts'

/** What a person is called where there may be no name yet, without what a terminal or a page would obey. */
export const shownName = ({ name, email }: { readonly name: string | null; readonly email: string }): string => cleanLogText(name || email)

/** The cell of a table that says who it is, and leads to their page. */
export function PersonCell({ user }: { readonly user: { readonly id: string; readonly name: string | null; readonly email: string } }) {
  const name = shownName(user)
  return (
    <td className="name t1">
      <span className="row gap3">
        <Avatar name={name} />
        <span>
          <Link href={paths.person(user.id)}>
            <b>{name}</b>
          </Link>
          <span className="sub">{user.email}</span>
        </span>
      </span>
    </td>
  )
}
