// <try-it tutorial="…"></try-it>: a poster with one button. Nothing else is loaded before the click.
//
// Attributes: `tutorial` (its slug), `server` (where tryit runs; the origin of this script when absent),
// `label` (what the button says), `heading` (what stands above it).
(() => {
  const home = new URL(document.currentScript.src).origin;
  const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";
  const ALLOW = "clipboard-read; clipboard-write; fullscreen";
  const GREETING_MS = 5000;

  const style = new CSSStyleSheet();
  style.replaceSync(`{{tokens}}
    :host { display: block; height: 640px; }
    .poster { height: 100%; display: grid; place-content: center; justify-items: center; gap: 16px; padding: 24px; box-sizing: border-box;
      background: var(--term); color: var(--term-ink); border-radius: var(--r-large); font: 16px/1.5 var(--sans); text-align: center; }
    pre { margin: 0; font: 14px/1.5 var(--mono); color: var(--term-muted); }
    pre b { color: var(--prompt); font-weight: 500; }
    button { font: 600 17px var(--sans); min-height: 48px; padding: 0 24px; border: 0; border-radius: var(--r); cursor: pointer;
      background: var(--prompt); color: var(--term); }
    a { color: var(--prompt); }
    :focus-visible { outline: 2px solid var(--prompt); outline-offset: 2px; }
    iframe { width: 100%; height: 100%; border: 1px solid var(--line); border-radius: var(--r-large); box-sizing: border-box; background: var(--paper); }
    .poster span { font: 650 22px/1.3 var(--sans); }
    p { margin: 8px 0 0; font: 14px/1.5 var(--sans); }
  `);

  class TryIt extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
      this.shadowRoot.append(this.poster());
    }

    get page() { return (this.getAttribute("tutorial") || "").split("/").map(encodeURIComponent).join("/"); }
    // Whoever may write this tag into a page must not write a script into it by way of the address.
    get server() {
      const server = this.getAttribute("server") || home;
      return /^https?:\/\//.test(server) ? server.replace(/\/+$/, "") : home;
    }
    get heading() { return this.getAttribute("heading") || "A root shell, right here"; }

    poster() {
      const button = element("button", this.getAttribute("label") || "Open the tutorial");
      button.addEventListener("click", () => this.open());
      const prompt = element("pre");
      prompt.setAttribute("aria-hidden", "true");
      prompt.append(element("b", "root@tryit:~# "), "_");
      const poster = element("div");
      poster.className = "poster";
      poster.append(prompt, element("span", this.heading), button);
      return poster;
    }

    open() {
      const frame = element("iframe");
      frame.title = this.heading;
      frame.setAttribute("sandbox", SANDBOX);
      frame.setAttribute("allow", ALLOW);
      frame.src = `${this.server}/e/${this.page}`;
      const late = setTimeout(() => this.offerLink(), GREETING_MS);
      const greeted = (event) => {
        if (event.source !== frame.contentWindow || event.data?.tryit !== "ready") return;
        clearTimeout(late);
        removeEventListener("message", greeted);
        this.shadowRoot.querySelector("p")?.remove();
      };
      addEventListener("message", greeted);
      this.shadowRoot.replaceChildren(frame);
      frame.focus();
    }

    // The service may not allow this site to show it, or can't be reached from here.
    offerLink() {
      const link = element("a", "open it in a new tab");
      link.href = `${this.server}/t/${this.page}`;
      link.target = "_blank";
      link.rel = "noopener";
      const line = element("p");
      line.append("The tutorial does not show up here? You can ", link, ".");
      this.shadowRoot.prepend(line);
    }
  }

  function element(name, text) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    return made;
  }

  if (!customElements.get("try-it")) customElements.define("try-it", TryIt);
})();
