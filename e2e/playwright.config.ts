// How the end-to-end tests run. `run` sets the environment that this reads.

import { defineConfig } from '@playwright/test';

import { PATIENCE_MS } from './support/environment';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results/failures',
  // One at a time: LXD gives overlapping ids to containers that two services make at once.
  workers: 1,
  // A test that passes only the second time has found something.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 3 * PATIENCE_MS,
  expect: { timeout: PATIENCE_MS },
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'results/report' }]],
  use: {
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.TRYIT_TEST_CHROMIUM,
      // The tests may run as root, and Chromium's sandbox refuses that. They show it no page but their own.
      chromiumSandbox: false,
      // Chromium's own calls home would be counted among the page's, or wait for a network that isn't there.
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--no-pings',
      ],
    },
  },
});
