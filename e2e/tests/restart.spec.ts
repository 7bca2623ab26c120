// The service ends and comes back: sessions are rows in its database, containers go on without it.

import { audit } from '../support/audit';
import { PHONE, expect, test } from '../support/test';
import { UNREACHABLE } from '../support/watch';

test('a crash of the service costs a visitor the shell and nothing else', async ({ serve, visitor, watch }) => {
  watch.tolerate(UNREACHABLE);
  const service = await serve();
  const visit = await visitor(service.origin);
  await visit.start();
  await visit.run('echo "Hello, container"', /^Hello, container$/m);
  const container = await visit.terminal.ask('touch kept; hostname', /^(tryit-[a-z0-9-]+)$/m);

  const asked = visit.page.waitForEvent('requestfailed', (request) => /\/sessions\/[^/]+$/.test(request.url()));
  await service.crash();
  await expect(visit.alert('Connection lost. Connecting again…')).toContainText('Your files stay, and what you type is kept.');
  await asked;
  await expect(visit.root.getByRole('alert'), 'one message says it').toHaveText([/^Connection lost/]);
  await service.run();

  await expect(visit.root.getByText('The service restarted: this is a new shell. Your files are kept.')).toBeVisible();
  await expect(visit.alert('Connection lost')).toBeHidden();
  await visit.terminal.isReady();
  expect(await visit.terminal.ask('ls; hostname', /^kept\n(tryit-[a-z0-9-]+)$/m)).toBe(container);
  await expect(visit.command('echo "Hello, container"')).toContainText('ran');
  await visit.end();
  await expect.poll(() => service.project.instances(), { message: 'the container is gone' }).toEqual([]);
});

test('a phone that shows the guide is told that the terminal is away', async ({ serve, visitor, watch }) => {
  watch.tolerate(UNREACHABLE);
  const service = await serve();
  const visit = await visitor(service.origin, PHONE);
  await visit.start();
  await visit.show('Guide');
  await service.crash();
  await expect(visit.root.getByRole('alert'), 'one message says it').toHaveText([/^Connection lost/]);
  await audit(visit.page, 'away-guide-phone');
  await service.run();
  await expect(visit.alert('Connection lost')).toBeHidden();
});

test('a service that is asked to end tells its visitors and ends cleanly', async ({ serve, visitor, watch }) => {
  watch.tolerate(UNREACHABLE);
  const service = await serve();
  const visit = await visitor(service.origin);
  await visit.start();

  const told = expect(visit.alert('The service restarts. Connecting again…')).toContainText('Your session and your files are kept.');
  expect(await service.terminate()).toBe(0);
  await told;
  await service.run();
  await expect(visit.alert('Connect')).toHaveCount(0);
  await visit.terminal.isReady();
  await visit.terminal.ask('echo again $((6*7))', /^again (42)$/m);
});
