// Hands the program's first part to the loader of its others.

export let initSync;
export function provide(page) { initSync = page.initSync; }
