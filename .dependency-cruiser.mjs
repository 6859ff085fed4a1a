// The import rules of ARCHITECTURE.md. Each `comment` says what to do instead.
const GROUND = '^server/(schema|policy|crypto|seal|storage)/'
const TESTS = '(\\.test\\.ts$|/testing/)'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule('no-cycles', 'Move what both need one floor down.', {}, { circular: true }),
    rule(
      'ground-imports-nothing',
      'The ground knows none of our floors: hand in what it needs.',
      { path: GROUND, pathNot: TESTS },
      { path: '^server/', pathNot: GROUND },
    ),
    rule(
      'ground-rooms-are-apart',
      'Rooms of the ground do not know each other; only seal may use crypto.',
      { path: '^server/(schema|policy|crypto|seal|storage)/', pathNot: TESTS },
      { path: GROUND, pathNot: ['^server/$1/', '^server/crypto/'] },
    ),
    rule(
      'only-seal-uses-crypto-on-the-ground',
      'Do it in seal/, or hand in what is needed.',
      { path: '^server/(schema|policy|storage)/', pathNot: TESTS },
      { path: '^server/crypto/' },
    ),
    rule(
      'contract-points-down',
      'The contract has types of the ground only.',
      { path: '^server/contract/' },
      { path: '^server/', pathNot: ['^server/contract/', GROUND] },
    ),
    rule(
      'gateway-and-pipeline-know-no-service',
      'worker.ts hands in the list of services; ask through a port.',
      { path: '^server/(gateway|pipeline)/', pathNot: TESTS },
      { path: '^server/(services/|services\\.ts|command-line\\.ts|worker\\.ts)' },
    ),
    rule(
      'pipeline-below-gateway',
      'The pipeline serves callers from the network and from services alike.',
      { path: '^server/pipeline/', pathNot: TESTS },
      { path: '^server/gateway/' },
    ),
    rule(
      'services-do-not-reach-up',
      'A service answers when it is invoked: it gets what it needs handed in.',
      { path: '^server/services/', pathNot: TESTS },
      { path: '^server/(gateway|pipeline|programs)/|^server/[^/]+\\.ts$' },
    ),
    rule(
      'services-meet-at-the-door',
      "Import the other service's index.ts, and only to invoke its operations.",
      { path: '^server/services/([^/]+)/', pathNot: TESTS },
      { path: '^server/services/[^/]+/', pathNot: ['^server/services/$1/', '/index\\.ts$'] },
    ),
    rule(
      'node-crypto-in-crypto-only',
      'Use or add a thin function in server/crypto/.',
      { path: '^server/', pathNot: ['^server/crypto/', TESTS] },
      { path: '^(node:)?crypto$' },
    ),
    rule(
      'sql-in-stores-only',
      'Speak to the database in storage/, a *-store.ts or a *-directory.ts.',
      {
        path: '^server/',
        pathNot: ['^server/storage/', '-(store|directory)\\.ts$', '/migrations/', TESTS],
      },
      { path: 'node_modules/(kysely|postgres)|^node:sqlite$' },
    ),
    rule(
      'sdk-schemas-in-wire-only',
      "Read the SDK's schemas in the service's wire.ts.",
      { path: '^server/', pathNot: ['^server/services/[^/]+/wire\\.ts$', TESTS] },
      { path: 'node_modules/@aws-sdk/' },
    ),
    rule(
      'the-gateway-alone-listens',
      'Only gateway/ opens servers; what asks others is a *-client.ts.',
      {
        path: '^server/',
        pathNot: [
          '^server/(gateway/|health\\.ts|storage/|programs/root-key-pipe\\.ts)',
          '-client\\.ts$',
          TESTS,
        ],
      },
      { path: '^node:(http|https|net|tls)$' },
    ),
    rule(
      'outsiders-stay-outside',
      'cli, conformance and bench speak to a running server, or start it as a program.',
      { path: '^(cli|conformance|bench)/', pathNot: '^bench/policy-decision\\.ts$' },
      { path: '^server/' },
    ),
    rule(
      'no-tests-in-the-product',
      'What both need is no test code: move it out of testing/.',
      { path: '^(server|cli)/', pathNot: TESTS },
      { path: TESTS },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
}

function rule(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to }
}
