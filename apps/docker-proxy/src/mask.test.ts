import { describe, expect, it } from 'vitest'
import { maskSecrets } from './mask.ts'

describe('maskSecrets', () => {
  it.each([
    ['token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0abc.c2lnbmF0dXJlLXRleHQ end', 'eyJ'],
    ['Authorization: Bearer abcdef123456', 'abcdef123456'],
    ['"authorization":"Basic dXNlcjpwYXNz"', 'dXNlcjpwYXNz'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'AKIAIOSFODNN7EXAMPLE'],
    ['postgres://user:hunter2@db/x', 'hunter2'],
    ['password=hunter2 next', 'hunter2'],
    ['-----BEGIN PRIVATE KEY-----MIIEvQIBADAN-----END PRIVATE KEY-----', 'MIIEvQIBADAN'],
    ['setup token: bls_abcdefghijklmnopqrstuvwxyz', 'abcdefghijklmnop'],
  ])('covers the secret in %s', (line, secret) => {
    const { text, masked } = maskSecrets(line)
    expect([text.includes(secret), masked]).toEqual([false, 1])
  })

  it('leaves ordinary lines alone, and is quick on long ones', () => {
    expect(maskSecrets('GET /health 200 in 3 ms from 10.0.0.1:80').masked).toBe(0)
    const started = performance.now()
    maskSecrets('a'.repeat(50_000))
    maskSecrets('password '.repeat(6_000))
    expect(performance.now() - started).toBeLessThan(200)
  })
})
