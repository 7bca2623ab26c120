// Every state of the page is one for everybody: axe finds no violation, on a desktop and on a phone, in light and in
// dark. The screenshots of these states, for the eye, are in results/screens.

import { audit } from '../support/audit';
import { Host } from '../support/host';
import { turn, watchTabs } from '../support/tab';
import { PHONE, expect, test } from '../support/test';
import { Visit } from '../support/visit';
import { REFUSED, UNREACHABLE } from '../support/watch';

for (const size of ['desktop', 'phone']) {
  test.describe(size, () => {
    test.use(size === 'phone' ? PHONE : {});

    test('before a session', async ({ visit, page, service, watch }) => {
      watch.tolerate(REFUSED, UNREACHABLE);
      await expect(visit.startButton).toBeEnabled();
      await audit(page, `landing-${size}`);
      await page.getByText('By starting you accept the terms').click();
      await page.route('**/api/v1/sessions', (route) => route.abort());
      await visit.startButton.click();
      await expect(visit.alert("The service can't be reached.")).toBeVisible();
      await audit(page, `refused-${size}`);
      await page.goto(`${service.origin}/t/no-such-tutorial`);
      await expect(visit.heading).toBeVisible();
      await audit(page, `missing-${size}`);
      await page.goto(`${service.origin}/embed`);
      await expect(page.getByRole('combobox', { name: 'Tutorial' })).not.toHaveValue('');
      await audit(page, `embed-${size}`);
    });

    test('while a session starts', async ({ serve, page }) => {
      const { origin } = await serve({ ready: ['sleep', '60'] });
      const visit = new Visit(page);
      await page.goto(origin);
      await visit.startButton.click();
      await expect(page.getByRole('listitem').filter({ hasText: 'Wait until it is ready' })).toBeVisible();
      await audit(page, `starting-${size}`);
    });

    test('waiting for a place', async ({ serve, visitor }) => {
      const { origin } = await serve({ session: { max: 1 } });
      const first = await visitor(origin);
      const second = await visitor(origin, size === 'phone' ? PHONE : {});
      const { page } = second;
      await watchTabs(page.context());
      await page.reload();
      await first.start();
      await second.startButton.click();
      await expect(second.queue).toContainText('You are the next.');
      await audit(page, `queue-${size}`);
      if (size === 'phone') {
        await second.show('Guide');
        await audit(page, `queue-guide-${size}`);
        await second.show('Queue');
      }
      await page.getByRole('button', { name: 'Leave the queue' }).click();
      await audit(page, `queue-leave-${size}`);
      await page.keyboard.press('Escape');
      await turn(page, 'hidden');
      await first.end();
      await expect(second.queue).toContainText('Your place is ready.');
      await audit(page, `offered-${size}`);
      await turn(page, 'visible');
      await second.terminal.isReady();
    });

    test('with a minute left, and without a service', async ({ serve, page, watch }) => {
      watch.tolerate(REFUSED, UNREACHABLE);
      const service = await serve({ session: { duration: '90s' } });
      const visit = new Visit(page);
      await page.goto(service.origin);
      await visit.start();
      await page.route('**/extend', (route) =>
        route.fulfill({ status: 409, json: { error: { code: 'extension_refused', message: 'Others are waiting for a place.' } } }),
      );
      await expect(page.locator('.time.last')).toBeVisible();
      await audit(page, `last-minute-${size}`);
      await page.getByRole('button', { name: 'More time' }).click();
      await expect(visit.alert('No more time can be added now.')).toBeVisible();
      await audit(page, `refused-time-${size}`);
      await page.getByRole('button', { name: 'Dismiss' }).click();
      await service.crash();
      await expect(page.getByRole('alert')).toBeVisible();
      await audit(page, `away-${size}`);
    });

    test('in a session', async ({ visit, page, watch }) => {
      // Each audit takes seconds on a busy machine, and this looks at a dozen states.
      test.slow();
      watch.tolerate(REFUSED);
      await visit.start();
      await visit.run('echo "Hello, container"', /^Hello, container$/m);
      await audit(page, `guide-${size}`);
      await visit.next('Who am I?');
      await visit.run('hostname\ncat /etc/os-release', /^NAME=/m);
      await visit.check('There is no file ~/whoami yet.');
      await page.route('**/check', (route) =>
        route.fulfill({ status: 409, json: { error: { code: 'container_exhausted', message: '' } } }),
      );
      await page.getByRole('button', { name: 'Check' }).click();
      await expect(visit.alert('Your container is full.')).toBeVisible();
      await page.getByText('Hint', { exact: true }).click();
      await audit(page, `step-${size}`);
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await audit(page, `menu-${size}`);
      await page.locator('#more').getByRole('button', { name: 'Take a fresh container' }).click();
      await audit(page, `reset-${size}`);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Leave feedback' }).click();
      await page.getByRole('dialog', { name: 'Feedback' }).getByRole('radio', { name: '4 stars' }).check({ force: true });
      await expect(page.getByText('Saved. Thank you.')).toBeVisible();
      await audit(page, `feedback-${size}`);
      await page.keyboard.press('Escape');
      if (size === 'phone') {
        await visit.show('Terminal');
        await audit(page, `terminal-${size}`);
      }
      await page.getByRole('button', { name: 'End', exact: true }).click();
      await audit(page, `ask-${size}`);
      await page.getByRole('button', { name: 'Keep it' }).click();
      await visit.terminal.input.pressSequentially('exit\n');
      await expect(visit.alert('The shell has ended.')).toBeVisible();
      await audit(page, `exited-${size}`);
      await visit.end();
      await audit(page, `ended-${size}`);
    });

    test('in a frame of another site', async ({ serve, page, watch }) => {
      const host = await Host.start();
      watch.allow(host.origin);
      const { origin } = await serve({ frameAncestors: [host.origin] });
      host.show(`<script src="${origin}/embed.js" async></script>`, '<try-it tutorial="tour"></try-it>');
      await page.goto(host.origin);
      await expect(page.getByRole('button', { name: 'Open the tutorial' })).toBeVisible();
      await audit(page, `poster-${size}`);
      await page.getByRole('button', { name: 'Open the tutorial' }).click();
      const visit = new Visit(page, page.frameLocator('iframe'));
      await expect(visit.startButton).toBeEnabled();
      await audit(page, `framed-landing-${size}`);
      await visit.start();
      await visit.run('echo "Hello, container"', /^Hello, container$/m);
      await audit(page, `framed-session-${size}`);
      await host.stop();
    });
  });
}
