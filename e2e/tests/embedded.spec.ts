// A tutorial in a frame of another site, in browsers that keep less and less.

import type { Page } from '@playwright/test';

import { Host } from '../support/host';
import type { Service } from '../support/service';
import { type Blocked, withBrowser } from '../support/strict-browser';
import { test as base, expect } from '../support/test';
import { Visit } from '../support/visit';

const test = base.extend<{ host: Host; embedding: Service }>({
  host: async ({ watch }, use) => {
    const host = await Host.start();
    watch.allow(host.origin);
    await use(host);
    await host.stop();
  },
  /** A service that allows the host to show it. */
  embedding: async ({ serve, host }, use) => use(await serve({ frameAncestors: [host.origin] })),
});

const POSTER = (service: Service) =>
  `<script src="${service.origin}/embed.js" async></script>\n<try-it tutorial="tour"></try-it>`;

/** What one finds out about a browser from within a frame. */
const CAN_KEEP = {
  cookies: () => {
    document.cookie = 'probe=1; SameSite=None; Secure';
    return document.cookie.includes('probe=1');
  },
  storage: () => {
    try {
      sessionStorage.setItem('probe', '1');
      return true;
    } catch {
      return false;
    }
  },
};

for (const blocked of ['third-party cookies', 'all site data'] as Blocked[]) {
  test(`the whole way works in a frame with ${blocked} blocked`, async ({ host, embedding, watch, launchOptions }) => {
    host.show(POSTER(embedding));
    await withBrowser(blocked, launchOptions, async (context) => {
      await watch.follow(context);
      const page = await context.newPage();
      const visit = await openPoster(page, host, embedding);
      const frame = page.frames()[1]!;
      expect(await frame.evaluate(CAN_KEEP.cookies), 'the browser blocks cookies in the frame').toBe(false);
      if (blocked === 'all site data') {
        expect(await frame.evaluate(CAN_KEEP.storage), 'the browser blocks storage in the frame').toBe(false);
      }

      await visit.start();
      await visit.run('echo "Hello, container"', /^Hello, container$/m);
      await visit.next('Who am I?');
      await visit.run('whoami', /^root$/m);
      const shell = await visit.terminal.ask('echo "shell=$$"', /^shell=(\d+)$/m);

      await frame.evaluate(() => location.reload());
      await expect(visit.heading, 'a reload of the frame resumes').toHaveText('Who am I?');
      await visit.terminal.shows(new RegExp(`^shell=${shell}$`, 'm'));

      await visit.leaveFeedback(5, 'From a frame', 'visitor@example.org');
      expect(await embedding.feedback()).toContainEqual(expect.objectContaining({ message: 'From a frame' }));
      await visit.end();
      await visit.root.getByRole('button', { name: 'Start a new session' }).click();
      await expect(visit.startButton).toBeEnabled();
      expect(page.url(), 'the other site stays where it was').toBe(`${host.origin}/`);
    });
  });
}

test('a site that the service does not allow gets a link to the tutorial', async ({ page, host, serve, watch }) => {
  watch.tolerate(/frame-ancestors/);
  const service = await serve({ frameAncestors: ["'none'"] });
  host.show(POSTER(service));
  await page.goto(host.origin);
  await page.getByRole('button', { name: 'Open the tutorial' }).click();

  const link = page.getByRole('link', { name: 'open it in a new tab' });
  await expect(link).toHaveAttribute('href', `${service.origin}/t/tour`);
  await expect(page.frameLocator('iframe').getByRole('button')).toHaveCount(0);
  const opened = page.context().waitForEvent('page');
  await link.click();
  await expect(new Visit(await opened).startButton).toBeEnabled();
});

test('only the framed form can be put into a frame', async ({ page, host, embedding, watch }) => {
  watch.tolerate(/frame-ancestors/);
  host.show(...['/', '/t/tour', '/embed'].map((path) => `<iframe title="${path}" src="${embedding.origin}${path}"></iframe>`));
  host.show(`<iframe title="framed" src="${embedding.origin}/e/tour"></iframe>`);
  await page.goto(host.origin);
  await expect(new Visit(page, page.frameLocator('[title=framed]')).startButton).toBeEnabled();
  for (const path of ['/', '/t/tour', '/embed']) {
    await expect(page.frameLocator(`[title="${path}"]`).getByRole('heading', { level: 1 })).toHaveCount(0);
  }
});

/** Opens the host's page, sees that the poster loads nothing by itself, and clicks it. */
async function openPoster(page: Page, host: Host, service: Service): Promise<Visit> {
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.goto(host.origin);
  const button = page.getByRole('button', { name: 'Open the tutorial' });
  await expect(button).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(loaded.filter((url) => url.startsWith(service.origin))).toEqual([`${service.origin}/embed.js`]);
  await button.click();
  return new Visit(page, page.frameLocator('iframe'));
}
