// Starts the page, and says so where it can't start or has stopped.

import { provide } from "./{{main.mjs}}";

const show = (id) => { const e = document.getElementById(id); if (e) e.hidden = false; };
const stopped = (reason) => { if (reason instanceof WebAssembly.RuntimeError) show("broken"); };

addEventListener("error", (event) => stopped(event.error));
addEventListener("unhandledrejection", (event) => stopped(event.reason));

try {
  const page = await import("./{{page.mjs}}");
  provide(page);
  await page.default({ module_or_path: new URL("./{{page.wasm}}", import.meta.url) });
} catch (error) {
  console.error(error);
  const boot = document.getElementById("boot");
  if (boot) boot.textContent = typeof WebAssembly === "object"
    ? "The page could not be loaded. Check the connection, then reload."
    : "This browser can't run the page: it needs WebAssembly.";
}
