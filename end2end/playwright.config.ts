// The worlds the browser tests run in: a desktop and a phone, each with and without scripts.

import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGUMENTS } from './support/chromium.js';

const named = process.env.CHROMIUM;
const chromium = named && existsSync(named) ? named : '/usr/bin/chromium';

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const withoutScripts = 'without-scripts/*.spec.ts';

export default defineConfig({
  testDir: 'specs',
  outputDir: 'artefacts/traces',
  globalSetup: './support/programs.ts',
  fullyParallel: true,
  // Each test starts a server and an upstream of its own, and the page under test is the third.
  workers: 2,
  // A machine of two cores that starts three programs for each test is at times too slow for one of
  // them. The summary names a test that needed its second chance, and two failures are a failure.
  retries: 1,
  timeout: 40_000,
  expect: { timeout: 10_000 },
  reporter: [['line'], ['./support/summary.ts']],
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: chromium,
      args: CHROMIUM_ARGUMENTS,
    },
    colorScheme: 'light',
    locale: 'en-GB',
    serviceWorkers: 'block',
    // Recording every test takes minutes; `--trace on` does when one is looked into.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'desktop', use: desktop, testIgnore: withoutScripts },
    { name: 'phone', use: phone, testIgnore: withoutScripts },
    { name: 'desktop without scripts', use: { ...desktop, javaScriptEnabled: false }, testMatch: withoutScripts },
    { name: 'phone without scripts', use: { ...phone, javaScriptEnabled: false }, testMatch: withoutScripts },
  ],
});
