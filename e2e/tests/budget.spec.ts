// The page is small: visitors come from a link, on a phone, in a train.

import { Traffic } from '../support/traffic';
import { expect, test } from '../support/test';
import { Visit } from '../support/visit';

test('150 KiB lead to the start and 300 KiB to the prompt', async ({ page, service, watch }, info) => {
  watch.allow(service.origin);
  const traffic = await Traffic.of(page);
  await page.goto(service.origin);
  await page.waitForLoadState('networkidle');
  const visit = new Visit(page);
  await visit.start();
  const [post, prompt] = [traffic.kibUntilPost, traffic.kib];

  info.annotations.push({ type: 'KiB', description: `${post.toFixed(1)} until the POST, ${prompt.toFixed(1)} until the prompt` });
  expect.soft(post).toBeLessThanOrEqual(150);
  expect.soft(prompt).toBeLessThanOrEqual(300);
});

test('what has a hash in its name is loaded once', async ({ visit, page }) => {
  await expect(visit.startButton).toBeEnabled();
  await page.goto(page.url());
  await expect(visit.startButton).toBeEnabled();
  const assets = await page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name }) => name.includes('/assets/'))
      .map(({ name, transferSize }) => ({ name, transferSize })),
  );
  expect(assets).not.toEqual([]);
  expect(assets.filter(({ transferSize }) => transferSize > 0)).toEqual([]);
});
