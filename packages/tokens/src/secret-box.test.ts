import { describe, expect, it } from 'vitest'
import { createSecretBox } from './secret-box.ts'

const first = 'first key of at least thirty-two bytes'
const second = 'second key of at least thirty-two bytes'

describe('the secret box', () => {
  it('opens what it sealed, also after the key was rotated', () => {
    const sealed = createSecretBox([first], 'a test v1').seal('hunter2 é', 'svc/NAME')
    expect(sealed).not.toContain('hunter2')
    expect(createSecretBox([second, first], 'a test v1').open(sealed, 'svc/NAME')).toBe('hunter2 é')
  })

  it('opens nothing at another place, with another key, or after one bit changed', () => {
    const box = createSecretBox([first], 'a test v1')
    const sealed = box.seal('value', 'svc/NAME')
    expect(() => box.open(sealed, 'svc/OTHER')).toThrow('none of the keys')
    expect(() => createSecretBox([second], 'a test v1').open(sealed, 'svc/NAME')).toThrow('none of the keys')
    const parts = sealed.split('.')
    const flipped = [...parts.slice(0, 3), Buffer.from('x').toString('base64url')].join('.')
    expect(() => box.open(flipped, 'svc/NAME')).toThrow('none of the keys')
  })
})
