// Which house may look at which: arrows point down only. This list is the whole truth; docs/architecture/01 draws it.
const MAY_IMPORT = {
  'packages/shared': [],
  'packages/image': ['packages/shared'],
  'packages/jobs': ['packages/shared', 'packages/image'],
  'packages/preview': ['packages/shared', 'packages/image'],
  'packages/client': ['packages/shared'],
  'packages/aws': ['packages/shared', 'packages/jobs'],
  'packages/local': ['packages/shared', 'packages/aws'],
  // packages/aws only for `gen3d admin` (cli-sdk-in-admin).
  'packages/cli': [
    'packages/shared',
    'packages/image',
    'packages/client',
    'packages/preview',
    'packages/aws',
  ],
  'packages/deploy': ['packages/shared', 'packages/aws', 'apps/web/site'],
  'packages/s3-sync-compat': [],
  'services/foundation': ['packages/shared'],
  'services/api': ['packages/shared', 'packages/jobs', 'packages/aws'],
  'services/notify': ['packages/shared', 'packages/jobs', 'packages/aws'],
  'services/inference': [
    'packages/shared',
    'packages/image',
    'packages/jobs',
    'packages/aws',
    'packages/preview',
  ],
  'apps/web': ['packages/shared', 'packages/image', 'packages/client', 'packages/preview'],
}

const house = (folder) => `^${folder}/`
const OURS = '^(packages|services|apps)/'

const arrows = Object.entries(MAY_IMPORT).map(([from, to]) => ({
  name: `arrows-of-${from.replace('/', '-')}`,
  comment: `${from} may import ${to.length > 0 ? to.join(', ') : 'nothing of ours'}.`,
  severity: 'error',
  // Tests and what only tests use may reach wider.
  from: { path: house(from), pathNot: '(\\.(test|contract)\\.ts$|/test-[^/]+\\.ts$)' },
  to: { path: OURS, pathNot: [from, ...to].map(house) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...arrows,
    {
      name: 'sdk-only-in-aws',
      comment:
        'packages/aws is the only place of the product that imports the AWS SDK (tests and the local stack’s own tests may).',
      severity: 'error',
      from: { path: OURS, pathNot: ['^packages/aws/', '^packages/local/', '\\.test\\.ts$'] },
      to: { path: 'node_modules/.*@aws-sdk/' },
    },
    {
      name: 'cli-sdk-in-admin',
      comment: 'The AWS SDK is large: only `gen3d admin` loads it.',
      severity: 'error',
      from: { path: '^packages/cli/', pathNot: ['^packages/cli/src/admin/', '\\.test\\.ts$'] },
      to: { path: '^packages/aws/' },
    },
    {
      name: 'no-cycles',
      comment: 'A circle of imports has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere (aws-lambda has types only).',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^virtual:', '\\?(worker|url|raw)', '^aws-lambda$'] },
    },
    {
      name: 'no-import-of-tests',
      severity: 'error',
      from: { path: OURS, pathNot: ['\\.(test|contract)\\.ts$', '/conformance/', '/test-'] },
      to: { path: ['\\.test\\.ts$', '^tests/'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/', '/\\.esbuild/', '/\\.serverless/', '^\\.local/'] },
    tsPreCompilationDeps: true,
    preserveSymlinks: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js', '.json'],
    },
  },
}
