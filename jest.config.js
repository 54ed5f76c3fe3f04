// One Jest project per kind of test; `npm test` runs them in order, cheapest first.
const common = {
  transform: {
    '^.+\\.(t|j|mj)s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/dist-.*'],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/support/fuzz-length.ts'],
};
const project = (displayName, more = {}) => ({
  ...common,
  displayName,
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  ...more,
});

module.exports = {
  testTimeout: 120_000,
  projects: [
    project('unit'),
    project('integration', { globalSetup: '<rootDir>/test/support/engine-setup.ts' }),
    project('e2e', {
      testEnvironment: '<rootDir>/test/support/e2e-environment.js',
      globalSetup: '<rootDir>/test/support/e2e-setup.ts',
      globalTeardown: '<rootDir>/test/support/e2e-teardown.ts',
    }),
  ],
};
