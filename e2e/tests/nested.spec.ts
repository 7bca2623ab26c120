// Containers in the visitor's container: the tutorial that the service is known for.

import { expect, test } from '../support/test';

test('a visitor launches, looks into and limits a container of their own', async ({ visit, service }) => {
  await visit.page.goto(`${service.origin}/t/first-steps-with-lxd`);
  await expect(visit.heading).toHaveText('First steps with LXD');
  await visit.start();
  await visit.run('lxc version', /^Server version: \d/m);

  await visit.next('Launch a container');
  await visit.run('lxc launch tiny first', /^Starting first/m);
  await visit.terminal.isReady();
  await visit.run('lxc list -c ns4', /\| first \| RUNNING \|/);
  await visit.check('Done.');

  await visit.next('Look inside');
  await visit.run('lxc exec -T first -- hostname', /^first$/m);
  await visit.terminal.isReady();
  await visit.run('lxc exec first -- bash', /root@first.*#$/);
  await visit.run('echo hello > note', /echo hello > note\n.*#$/);
  await visit.run('exit', /root@tryit-[a-z0-9-]+:~#$/);
  await visit.run('lxc file pull first/root/note -', /^hello$/m);
  await visit.check('Done.');

  await visit.next('Limit it while it runs');
  await visit.run('lxc config set first limits.memory 64MiB', /limits.memory 64MiB\n.*#$/);
  await visit.run('lxc exec -T first -- free -m', /^Mem:\s+64\b/m);
  await visit.end();
});
