import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { accountOf, environmentOf } from './script-account.ts'

const own = userInfo()

describe('the environment of a script', () => {
  it('is exactly what is listed here, whatever the agent has in its own', () => {
    process.env.CONSOLE_CANARY = 'leaks'
    try {
      expect(environmentOf({ runId: 'r1', serviceId: 's1', user: 'deploy', home: '/home/deploy' }, { RELEASE: '1 "$(x)"\n' })).toEqual({
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/home/deploy',
        LANG: 'C.UTF-8',
        USER: 'deploy',
        SERVICE_ID: 's1',
        RUN_ID: 'r1',
        BYTELYST_RUN: 'r1',
        RELEASE: '1 "$(x)"\n',
      })
    } finally {
      delete process.env.CONSOLE_CANARY
    }
  })

  it('lets no value replace what the agent sets', () => {
    const all = environmentOf({ runId: 'r1', serviceId: 's1', user: 'u', home: '/h' }, { PATH: '.', BYTELYST_RUN: 'other', HOME: '/evil' })
    expect(all).toMatchObject({ BYTELYST_RUN: 'r1', HOME: '/h' })
    expect(all.PATH).not.toBe('.')
  })
})

describe('the account of a script', () => {
  it('is the agent’s own without a change, or another where the agent is root', () => {
    expect(accountOf(own.username, own.uid)).toEqual({ uid: null, gid: null, home: own.homedir })
    expect(accountOf('nobody', 0)).toMatchObject({ uid: 65_534, gid: 65_534 })
    expect(accountOf('root', 0)).toMatchObject({ uid: null, gid: null })
  })

  it.each(['nobody-is-called-this', '', '0', '-x', 'root:x', '../root', 'root\n', 'Root'])(
    'is refused when it is no account: %j',
    (user) => {
      expect(() => accountOf(user, 0)).toThrow(expect.objectContaining({ code: 'SCRIPT_REFUSED', status: 403 }))
    },
  )

  it('is refused when the agent cannot change to it', () => {
    expect(() => accountOf('root', 1_234)).toThrow(expect.objectContaining({ code: 'SCRIPT_REFUSED' }))
  })
})
