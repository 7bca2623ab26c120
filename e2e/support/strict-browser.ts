// A browser whose owner lets sites keep less.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type BrowserContext, type LaunchOptions, chromium } from '@playwright/test';

/** What the owner blocks. */
export type Blocked = 'third-party cookies' | 'all site data';

/** What Chromium's own settings pages write for it. */
const PREFERENCES = {
  'third-party cookies': { profile: { block_third_party_cookies: true, cookie_controls_mode: 1 } },
  'all site data': { profile: { default_content_setting_values: { cookies: 2 } } },
};

/** Lends a browser that blocks something, with a profile of its own. */
export async function withBrowser(
  blocked: Blocked,
  options: LaunchOptions,
  use: (context: BrowserContext) => Promise<void>,
): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'tryit-e2e-profile-'));
  await mkdir(join(profile, 'Default'));
  await writeFile(join(profile, 'Default/Preferences'), JSON.stringify(PREFERENCES[blocked]));
  const context = await chromium.launchPersistentContext(profile, options);
  try {
    await use(context);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}
