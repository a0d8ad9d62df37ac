import { describe, expect, it } from 'vitest'
import { maskSecrets } from './mask-secrets.ts'

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

  const pem = (text: string, end = '-----END RSA PRIVATE KEY-----') => `k -----BEGIN RSA PRIVATE KEY-----${text}${end}`
  it.each([
    ['a eyJabcdefgh.ABCDEF-_01.zyxwvuts b', 'a [masked token] b'],
    ['proxy-authorization = "digest  abc._~+/=-"', 'proxy-authorization = "[masked]"'],
    ['Authorization: abcdef', 'Authorization: [masked]'],
    ["authorization':'Basic abcdef'", "authorization':'[masked]'"],
    ['AUTHORIZATION=Bearer\tabcdef!', 'AUTHORIZATION=[masked]!'],
    ['ASIAIOSFODNN7EXAMPLE.', '[masked key].'],
    [pem('MIIE+/=\\n vQ\nIB'), 'k [masked private key]'],
    [pem('MIIE', ''), 'k [masked private key]'],
    [pem('MIIE', '-----END PRIVATE KEY-----').replace('RSA ', ''), 'k [masked private key]'],
    [`${pem('MIIE')} rest`, 'k [masked private key] rest'],
    ['redis+tls://u:p@h/0', 'redis+tls://u:[masked]@h/0'],
    ['Xy://user:pa:ss@h', 'Xy://user:[masked]@h'],
    ['blt_ABCDEFGHIJKLMNO-_ and bls_0123456789abcdef', 'blt_[masked] and bls_[masked]'],
    ['passwd: abcd', 'passwd: [masked]'],
    ["secret' = 'abcd'", "secret' = '[masked]'"],
    ['"Secret" : "abcd","x":1', '"Secret" : "[masked]","x":1'],
    ...[
      'api_key',
      'api-key',
      'apikey',
      'access_token',
      'access-token',
      'accesstoken',
      'client_secret',
      'client-secret',
      'clientsecret',
    ].map((name) => [`${name}=abcd;e`, `${name}=[masked];e`] as [string, string]),
    ['ghp_0123456789abcdefghijklmnopqrst gho_0123456789abcdefghijklmnopqrst', '[masked token] [masked token]'],
    ['ghu_0123456789abcdefghijklmnopqrst,ghs_0123456789abcdefghijklmnopqrst', '[masked token],[masked token]'],
    ['ghr_0123456789abcdefghijklmnopqrst', '[masked token]'],
  ])('of %j it leaves what is no secret', (line, shown) => {
    expect(maskSecrets(line).text).toBe(shown)
  })

  it.each([
    'eyJabcdefgh.ABCDEFGH.short',
    'keyJabcdefgh.ABCDEFGH.zyxwvuts',
    'authorization: short',
    'authorized by abcdefgh',
    'AKIAIOSFODNN7EXAMPL',
    'XAKIAIOSFODNN7EXAMPLE',
    'AKIAIOSFODNN7EXAMPLEX',
    'http://host:8080/path',
    'mailto:a@b',
    'blt_short',
    'blx_ABCDEFGHIJKLMNOPQ',
    'password: abc',
    'the password is long',
    'api.key=abcdef',
    'ghp_short',
    'ghx_0123456789abcdefghijklmnopqrst',
    '-----BEGIN PUBLIC KEY-----MIIE',
  ])('leaves %j alone', (line) => {
    expect(maskSecrets(line)).toEqual({ text: line, masked: 0 })
  })

  it('leaves ordinary lines alone, and is quick on long ones', () => {
    expect(maskSecrets('GET /health 200 in 3 ms from 10.0.0.1:80').masked).toBe(0)
    const started = performance.now()
    maskSecrets('a'.repeat(50_000))
    maskSecrets('password '.repeat(6_000))
    expect(performance.now() - started).toBeLessThan(200)
  })
})
