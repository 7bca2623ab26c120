// Stands where the page's script imports xterm.js, and loads it only when a terminal is wanted.

let xterm;
let loading;

/** Loads xterm.js and its style sheet; a failed load may be tried again. */
export function loadEngine() {
  loading ??= Promise.all([
    import("./{{xterm.mjs}}"),
    import("./{{addon-fit.mjs}}"),
    loadSheet(new URL("./{{xterm.css}}", import.meta.url)),
  ]).then(([terminal, fit]) => { xterm = { ...terminal, ...fit }; })
    .catch((error) => { loading = undefined; throw error; });
  return loading;
}

function loadSheet(href) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = resolve;
    link.onerror = () => { link.remove(); reject(new Error("the terminal's style sheet did not load")); };
    // Before the page's own, which adjusts it.
    document.head.prepend(link);
  });
}

// `new` on these gives the real thing: a constructor may return another object.
export class Terminal { constructor(options) { return new xterm.Terminal(options); } }
export class FitAddon { constructor() { return new xterm.FitAddon(); } }
