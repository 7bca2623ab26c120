// Looks at a state of the page: axe for what people with disabilities meet, a screenshot for the eye.

import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';

import { RESULTS } from './environment';

/** Audits the page as it stands, in light and in dark. `name` says the state, and the size that it is seen in. */
export async function audit(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // A colour in transition has another contrast than the one that stays.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(RESULTS, 'screens', `${name}-${colorScheme}.png`) });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => node.html) }));
    expect.soft(found, `${name}, ${colorScheme}`).toEqual([]);
  }
}
