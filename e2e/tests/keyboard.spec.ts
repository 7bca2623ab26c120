// Everything can be done without a mouse.

import type { Locator, Page } from '@playwright/test';

import { expect, test } from '../support/test';

test('a keyboard is enough, from the landing page to the end', async ({ visit, page }) => {
  await expect(visit.startButton).toBeEnabled();
  await tabTo(page, page.getByText('By starting you accept the terms'));
  await page.keyboard.press('Enter');
  await expect(page.getByText('It is temporary.')).toBeVisible();
  await tabTo(page, visit.startButton);
  await page.keyboard.press('Enter');

  await visit.terminal.isReady();
  await expect(visit.terminal.input, 'the terminal takes the keys').toBeFocused();
  await page.keyboard.type('echo typed $((6*7))\n');
  await visit.terminal.shows(/^typed 42$/m);
  await page.keyboard.press('Tab');
  await expect(visit.terminal.input, 'Tab belongs to the program').toBeFocused();

  await page.keyboard.press('Control+F6');
  await expect(page.getByRole('article', { name: 'Guide' }), 'Ctrl F6 leaves the terminal').toBeFocused();
  const hello = visit.command('echo "Hello, container"');
  await tabTo(page, hello.getByRole('button', { name: /^Run/ }));
  await page.keyboard.press('Enter');
  await visit.terminal.shows(/^Hello, container$/m);
  await expect(hello).toContainText('ran');

  await tabTo(page, page.getByRole('button', { name: 'Next: Who am I?' }));
  await page.keyboard.press('Enter');
  await expect(visit.heading).toHaveText('Who am I?');
  await expect(visit.heading, 'reading goes on at the new page').toBeFocused();

  await tabTo(page, page.getByRole('button', { name: 'End', exact: true }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'End now' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'End', exact: true }), 'Escape keeps it').toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'End now' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(visit.heading).toHaveText('You ended the session.');
});

test('the divider moves by keys and stays where it was left', async ({ visit, page }) => {
  await visit.start();
  await page.keyboard.press('Control+F6');
  const divider = page.getByRole('separator', { name: 'Width of the guide' });
  const guide = page.getByRole('article', { name: 'Guide' });
  await tabTo(page, divider);
  const [share, width] = [Number(await divider.getAttribute('aria-valuenow')), await widthOf(guide)];

  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(divider).toHaveAttribute('aria-valuenow', String(share + 4));
  const wider = await widthOf(guide);
  expect(wider).toBeGreaterThan(width);
  await page.keyboard.press('Home');
  await expect(divider).toHaveAttribute('aria-valuenow', (await divider.getAttribute('aria-valuemin'))!);
  expect(await widthOf(guide)).toBeLessThan(width);
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  const left = (await divider.getAttribute('aria-valuenow'))!;

  await page.reload();
  await expect(divider).toHaveAttribute('aria-valuenow', left);
});

/** Presses Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not reach ${target}`);
}

async function widthOf(locator: Locator): Promise<number> {
  return (await locator.boundingBox())!.width;
}
