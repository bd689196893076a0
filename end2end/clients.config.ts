// Programs of other makes against the relay: `cargo xtask test clients`. No browser is started.

import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'clients',
  outputDir: 'artefacts/clients',
  globalSetup: './support/programs.ts',
  workers: 2,
  timeout: 40_000,
  reporter: [['line']],
});
