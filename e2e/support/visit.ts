// What a visitor does, in the words of the page.

import { type FrameLocator, type Locator, type Page, expect } from '@playwright/test';

import { Terminal } from './terminal';

export class Visit {
  readonly terminal: Terminal;

  /** A visit in `root`: the page itself, or the frame of another site that shows it. */
  constructor(readonly page: Page, readonly root: Page | FrameLocator = page) {
    this.terminal = new Terminal(root);
  }

  get startButton(): Locator {
    // After a refusal that time heals it says so.
    return this.root.getByRole('button', { name: /^(Accept and start|Try again)$/ });
  }

  get heading(): Locator {
    return this.root.getByRole('heading', { level: 1 });
  }

  /** Starts a session and waits for the prompt. */
  async start(): Promise<void> {
    await this.startButton.click();
    await this.terminal.isReady();
  }

  /** The box of a command of the guide; the first one, where a page has it more than once. */
  command(text: string): Locator {
    const code = this.root.locator('code').getByText(text, { exact: true });
    return this.root.getByRole('article', { name: 'Guide' }).locator('.cmd').filter({ has: code }).first();
  }

  /** Runs a command of the guide by a click and waits for what it prints. */
  async run(text: string, output: RegExp): Promise<void> {
    const box = this.command(text);
    await box.getByRole('button', { name: /^Run/ }).click();
    await this.terminal.shows(output);
    await expect(box, 'the box is marked').toContainText('ran');
  }

  /** Turns to the next page of the guide. */
  async next(title: string): Promise<void> {
    await this.root.getByRole('button', { name: `Next: ${title}` }).click();
    await this.isAt(title);
  }

  /** Waits for a page of this title. The queue has a heading beside that of the guide. */
  async isAt(title: string): Promise<void> {
    await expect(this.root.getByRole('heading', { level: 1, name: title })).toBeVisible();
  }

  /** Turns to the page before. */
  async back(title: string): Promise<void> {
    await this.root.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: title }).first().click();
    await expect(this.heading).toHaveText(title);
  }

  /** Lets the service check the step and waits for what it says. */
  async check(says: string): Promise<void> {
    await this.root.getByRole('button', { name: 'Check' }).click();
    await expect(this.root.locator('.check')).toHaveText(says);
  }

  /** Leaves feedback with everything that can be said. */
  async leaveFeedback(stars: number, message: string, email: string): Promise<void> {
    await this.root.getByRole('button', { name: 'More', exact: true }).click();
    await this.root.getByRole('button', { name: 'Leave feedback' }).click();
    const form = this.root.getByRole('dialog', { name: 'Feedback' });
    await form.getByRole('radio', { name: new RegExp(`^${stars} star`) }).check({ force: true });
    await form.getByLabel('What was good').fill(message);
    await form.getByLabel('E-mail').fill(email);
    await form.getByRole('checkbox', { name: 'My address may be kept' }).check();
    await form.getByRole('button', { name: 'Send' }).click();
    await expect(form.getByText('Saved. Thank you.')).toBeVisible();
    await this.page.keyboard.press('Escape');
  }

  /** Ends the session, in its two steps. */
  async end(): Promise<void> {
    await this.root.getByRole('button', { name: 'End', exact: true }).click();
    await this.root.getByRole('button', { name: 'End now' }).click();
    await expect(this.heading).toHaveText('You ended the session.');
  }

  /** Opens the menu and asks for a fresh container, in its two steps. */
  async reset(): Promise<void> {
    await this.root.getByRole('button', { name: 'More', exact: true }).click();
    await this.root.getByRole('button', { name: 'Take a fresh container' }).click();
    await this.root.getByRole('button', { name: 'Delete and take a fresh one' }).click();
  }

  /** Opens the menu and the dialog that links two sessions. */
  async openLinks(): Promise<Locator> {
    await this.root.getByRole('button', { name: 'More', exact: true }).click();
    await this.root.getByRole('button', { name: 'Link with another session' }).click();
    return this.root.getByRole('dialog', { name: 'Link two sessions' });
  }

  /** The pane where one waits for a place. */
  get queue(): Locator {
    return this.root.getByRole('region', { name: 'Queue' });
  }

  /** On a phone: shows the one or the other. */
  async show(side: 'Guide' | 'Terminal' | 'Queue'): Promise<void> {
    await this.root.getByRole('navigation', { name: 'View' }).getByRole('button', { name: side }).click();
  }

  /** An alert of the page with these words. */
  alert(words: string): Locator {
    return this.root.getByRole('alert').filter({ hasText: words });
  }
}
