/** What became known of other products, what it teaches here, and the cases of the catalogue that would go red if it were forgotten. */
type PastReport = {
  /** CVE, GHSA, or the issue where no number was given. */
  readonly id: string
  readonly product: string
  readonly lesson: string
  readonly cases: readonly string[]
}

const of = (product: string, rows: readonly (readonly [id: string, lesson: string, cases: string])[]): PastReport[] =>
  rows.map(([id, lesson, cases]) => ({ id, product, lesson, cases: cases.split(' ') }))

export const pastReports: readonly PastReport[] = [
  ...of('Docker Engine and CLI', [
    ['CVE-2024-41110', 'What is judged and what is carried out are one object: a body that is announced as empty is empty.', 'P23 D9'],
    ['CVE-2026-34040', 'A body over the limit is refused; it is never judged as if it were empty.', 'P23'],
    ['CVE-2025-9074', 'No container engine is reached by a network address.', 'F8 D28'],
    ['CVE-2019-13139', 'A value that begins with a dash must not become an option of the program that gets it.', 'X2 H9'],
    ['docker/cli#6971', 'An answer is read whole and made anew; nothing is covered in a stream by the piece.', 'R1 R2 D22'],
  ]),
  ...of('Skipper', [['CVE-2026-50197', 'A filter that sees the beginning of a body has seen nothing.', 'P23 P14']]),
  ...of('docker-socket-proxy (Tecnativa, LinuxServer)', [
    [
      'Tecnativa/docker-socket-proxy#182',
      'A section of an API is no verb: whoever may list must not be able to copy files out.',
      'D28 D29',
    ],
    ['Tecnativa/docker-socket-proxy#89', 'Streams have their own limits, and go on where they were.', 'S9'],
    ['linuxserver/docker-socket-proxy#32', 'Rules that depend on their order are tried one by one.', 'A13'],
  ]),
  ...of('socket-proxy (wollomatic)', [['release 1.13', 'Judging the body of “create” never ends, so there is no such verb.', 'D29 D28']]),
  ...of('Nextcloud AIO', [
    ['nextcloud/all-in-one#8458', 'JSON is parsed and never searched as text: a name may be spelled with escapes.', 'P26'],
  ]),
  ...of('Portainer', [
    ['CVE-2026-44848', 'What no rule names is refused.', 'D28 D29'],
    ['CVE-2026-44849', 'Each way to the same effect has the same guard; better, there is one way.', 'D28 A13'],
    ['CVE-2026-44850', 'A second field that does the same must not slip past a check of the first.', 'D29 P27'],
    ['CVE-2026-44883', 'A credential in an address is none.', 'A12'],
    ['CVE-2018-19367', 'The first visitor is not the admin.', 'A16'],
  ]),
  ...of('Coolify', [
    ['CVE-2025-66209', 'No value reaches a shell: a name with a semicolon stays a name.', 'X1 H6'],
    ['CVE-2025-66213', 'A path that somebody enters is never part of a command.', 'X1 H8'],
    ['CVE-2025-66212', 'A file name is an id from a list, not a text.', 'X3 H8'],
    ['CVE-2025-64419', 'What a repository says about itself is data.', 'H18 H9'],
    ['CVE-2026-34168', 'A name of the engine is matched whole, and its characters are few.', 'D5 X1'],
    ['CVE-2026-34047', 'There is no terminal and no upgrade.', 'P18 D29'],
    ['CVE-2026-34048', 'A stream is authorised before its first byte.', 'C6 S8'],
    ['CVE-2025-59158', 'A name that somebody entered is text wherever it is shown, also to the admin who deletes it.', 'V1'],
    ['CVE-2026-34170', 'An address that somebody enters is checked where it is connected to.', 'F3 F4 F8'],
    ['CVE-2026-48742', 'Permission is declared with the action; without it the program does not start.', 'A13 A15'],
  ]),
  ...of('Dokploy', [
    ['CVE-2026-45662', 'Escaping done by hand is forgotten once; programs get lists of arguments.', 'X1 X4'],
    ['CVE-2026-45628', 'Names of branches and addresses are not put into commands.', 'X1 X2'],
    ['CVE-2026-27130', 'The name of an application is matched before anything is done with it.', 'X1 D5'],
    ['CVE-2026-45632', 'To be signed in is not to be allowed.', 'A13'],
    ['CVE-2026-43917', 'Who asks is judged at the object that is acted on.', 'A14 G12'],
  ]),
  ...of('Dozzle', [['GHSA-m855-r557-5rc5', 'What a list hides is refused when it is asked for by its id.', 'A14 D1']]),
  ...of('Komodo', [
    ['moghtech/komodo#123', 'Each part has a key of its own, and it is good for one callee.', 'G10 G24'],
    ['moghtech/komodo#1455', 'A flood of refusals buries no row.', 'U17 L8'],
  ]),
  ...of('OpenClaw dashboards', [['CVE-2026-66418', 'The name of a sign-in that failed is an attack on who reads the audit.', 'V1']]),
  ...of('fast-jwt', [
    ['CVE-2023-48223', 'A public key is never a shared secret.', 'A2'],
    ['CVE-2026-34950', 'The kind of a key is known by its type, not guessed from its text.', 'A2'],
    ['CVE-2026-35039', 'What was found out about one token is kept under the whole of it.', 'A10'],
    ['CVE-2026-44351', 'A key that is not found refuses; there is no empty key in its place.', 'A1 A3'],
    ['CVE-2026-35042', 'A header that is not known is refused, the critical ones first of all.', 'A4'],
    ['CVE-2025-30144', 'The issuer is one text and no list.', 'A6'],
  ]),
  ...of('node-jose and jsonwebtoken', [
    ['CVE-2018-0114', 'A key that a token brings along is not looked at.', 'A3'],
    ['CVE-2015-9235', 'The algorithm is ours to choose, not the token’s.', 'A1 A2'],
  ]),
  ...of('immudb', [
    ['CVE-2022-36111', 'Each part of a proof is checked, by code that shares nothing with the writer.', 'U7 U8'],
    ['CVE-2022-39199', 'Which log it is says the verifier, not the log.', 'U6'],
  ]),
  ...of('Envoy, Apache and Grafana', [
    ['CVE-2019-9901', 'A path is compared as it is; nothing is tidied first.', 'P1 P3'],
    ['CVE-2021-41773', 'Encoded dots are no dots.', 'P2'],
    ['CVE-2021-43798', 'Nothing climbs out of its folder by its address.', 'P1 H8'],
  ]),
  ...of('Node.js', [
    ['CVE-2022-32213', 'A body has one length: no second request hides in it.', 'P10 P11'],
    ['CVE-2022-32214', 'Lines end in one way.', 'P13'],
    ['CVE-2024-22019', 'Chunks are bounded, and so is what stands beside them.', 'P14'],
    ['CVE-2018-12121', 'The heads of a request are bounded.', 'P22'],
    ['CVE-2018-12122', 'A slow head is cut off.', 'P28'],
  ]),
  ...of('Fastify and qs', [
    ['CVE-2026-25223', 'The content type is compared as a whole.', 'P25'],
    ['CVE-2026-3635', 'A header says nothing about where somebody is unless a known proxy sent it.', 'L2'],
    ['CVE-2026-16732', 'Nobody is counted by hops.', 'L2'],
    ['CVE-2022-24999', 'A query holds no objects, and no name of it is special.', 'P27'],
  ]),
  ...of('ip, and urllib of Python', [
    ['CVE-2024-29415', 'Every spelling of an address is the same address.', 'F2'],
    ['CVE-2016-5699', 'No line end leaves in an address.', 'F11'],
  ]),
  ...of('Kubernetes, Transmission and Vitest', [
    ['CVE-2018-1002105', 'An upgrade that failed leaves no open line behind the guard.', 'P18 D22'],
    ['CVE-2018-5702', 'A request for another name than ours is refused, though it came to our port.', 'C12'],
    ['CVE-2025-24964', 'A page of somebody else opens no socket here.', 'C6 C12'],
  ]),
  ...of('Terminals, and what shows their output', [
    ['CVE-2003-0063', 'No sequence sets a title or makes a terminal answer.', 'V3 V4'],
    ['CVE-2021-3377', 'A link of a terminal does not become a link of the page.', 'V2'],
    ['CVE-2026-92973', 'Output becomes text nodes and never markup.', 'V1 V2'],
    ['CVE-2021-42574', 'Signs that turn or hide text are shown.', 'V6'],
  ]),
  ...of('runc', [
    ['CVE-2019-5736', 'What runs is our own copy, which its runner cannot change.', 'H4'],
    ['CVE-2021-30465', 'A path that was checked is not walked a second time.', 'X12 H2'],
    ['CVE-2024-21626', 'No open descriptor leads out of the folder.', 'X11'],
  ]),
  ...of('Bash and Git', [
    ['CVE-2014-6271', 'A variable that a shell would carry out is refused by its name.', 'H5'],
    ['CVE-2017-1000117', 'A host that begins with a dash is an option.', 'X2'],
  ]),
]
