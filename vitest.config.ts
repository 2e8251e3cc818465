// How the tests run: unit tests and contract suites in many files at a time, journeys and faults with room to breathe.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Two files at a time: the budgets are for two cores, and journeys start real servers.
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './tests/tell-skipped.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts', 'tests/architecture/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'contracts',
          include: ['tests/contracts/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: ['tests/journeys/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys-on-eventstoredb',
          include: ['tests/journeys/**/*.test.ts'],
          // What is about the embedded log alone, or about no log at all.
          exclude: ['backup', 'demo', 'demo-state', 'pages', 'start', 'conformance/requirements', 'copy-log'].map(
            (name) => `tests/journeys/${name}.test.ts`,
          ),
          globalSetup: ['tests/journeys/on-eventstoredb.ts'],
          // The server's address reaches every process of a run; these tests alone use it.
          env: { TEST_JOURNEYS_LOG: 'eventstoredb' },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
