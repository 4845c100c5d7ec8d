// The till without reloading. The server draws every step (the same zones as the page without this script); this file
// keeps the scanner's cursor ready, sends one step after the other, and never lets one sale be sent twice as two.
(function () {
  "use strict";
  const root = document.getElementById("till");
  if (!root || !window.fetch || !window.DOMParser) return;
  document.documentElement.classList.add("js");
  const SHOWN_MS = 3000;
  const SCAN_MS = 500;       // an Enter so soon after a code is the scanner's second line end, not a hand
  const answerPlace = document.getElementById("till-answer");
  const queue = [];          // a scanner is faster than a slow line: steps wait their turn
  let working = false;
  let hiding = 0;
  let kind = "";
  let enteredAt = 0;
  let askedAt = 0;           // since when "once more?" stands there

  const input = () => document.getElementById("code");
  const stepForm = () => document.getElementById("till-form");
  const sellForm = () => document.getElementById("till-sell");
  const zones = () => root.querySelector(".till-zones");

  const askedAgain = () => root.querySelector("#till-again [name=confirm_again]");
  const refusal = () => root.querySelector(".till-notice:not(.till-said)");

  // The cursor waits in the scanner's field, but a question takes it: its own button has the Enter then, and a scan
  // still lands in the field (its first letter takes the cursor back).
  function focusScanner() {
    const field = input();
    if (askedAgain() && field.value === "") { askedAgain().focus(); return; }
    if (field && !answerPlace.querySelector("a:focus")) field.focus({ preventScroll: true });
  }

  // -- on line or off ----------------------------------------------------------------------------------------------
  function showLine(on) {
    const mark = document.getElementById("till-line");
    if (!mark) return;
    mark.classList.toggle("off", !on);
    const word = mark.lastElementChild;
    word.textContent = on ? word.dataset.on : word.dataset.off;
  }

  function say(text) {
    root.querySelectorAll(".till-said").forEach((old) => old.remove());
    if (!text) return;
    const line = document.createElement("div");
    line.className = "notice bad till-notice till-said";
    line.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.textContent = text;
    line.append(words);
    stepForm().after(line);
  }

  // -- sending -----------------------------------------------------------------------------------------------------
  function put(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".till-zones");
    if (!fresh) { window.location.reload(); return; }   // signed out, or a page we do not know
    const open = root.querySelector(".bars-today[open]") !== null;
    keepTyping(document.adoptNode(fresh));
    keepUnread(fresh);
    zones().replaceWith(fresh);
    if (open && fresh.querySelector(".bars-today")) fresh.querySelector(".bars-today").open = true;
    dress();
  }

  // The field itself stays: what a scanner is typing while the zones change must not be lost in an old field.
  function keepTyping(fresh) {
    const live = input(), drawn = fresh.querySelector("#code"), found = drawn.value;
    drawn.replaceWith(live);
    if (live.value === "" && found !== "") { live.value = found; live.select(); }
  }

  // A refusal stays until somebody has seen it: the next good scan must not wipe it away unread.
  function keepUnread(fresh) {
    const old = refusal();
    const same = fresh.dataset.who === zones().dataset.who && fresh.dataset.who !== "";
    if (old && same && !fresh.querySelector(".till-notice")) fresh.querySelector("#till-form").after(old);
  }

  async function send(url, body) {
    const answer = await fetch(url, { method: "POST", body, credentials: "same-origin", headers: { "X-Till": "1" } });
    const away = answer.headers.get("X-Till-Go");   // the session has ended: sign in and come back
    if (away) { window.location.assign(away); return new Promise(() => {}); }
    return { status: answer.status, html: await answer.text() };
  }

  async function step(fields) {
    const form = stepForm();
    const values = new URLSearchParams(new FormData(form));
    values.delete("code");
    Object.entries(fields).forEach(([name, value]) => values.set(name, value));
    put((await send(form.action, values)).html);
  }

  async function sell(fields) {
    const form = sellForm();
    if (!form) return;
    const values = new URLSearchParams(new FormData(form));
    Object.entries(fields || {}).forEach(([name, value]) => values.set(name, value));
    const answer = await send(form.action, values);
    if (refusal()) refusal().remove();   // who presses the button has the whole screen before the eyes
    if (answer.status === 201) {
      celebrate(answer.html);
      await step({ clear: "1" });
    } else {
      put(answer.html);
    }
  }

  async function work() {
    if (working) return;
    working = true;
    root.setAttribute("aria-busy", "true");
    while (queue.length) {
      const job = queue.shift();
      try {
        await job();
        showLine(true);
        say("");
      } catch (lost) {        // no answer: the key stays in the form, so trying again cannot charge twice
        queue.length = 0;
        showLine(false);
        say(root.dataset.offline);
      }
    }
    working = false;
    root.removeAttribute("aria-busy");
    focusScanner();
  }

  function then(job) {
    queue.push(job);
    work();
  }

  // -- the green answer --------------------------------------------------------------------------------------------
  function celebrate(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-answer]");
    if (!fresh) return;
    answerPlace.replaceChildren(document.adoptNode(fresh));
    window.clearTimeout(hiding);
    hiding = window.setTimeout(hideAnswer, SHOWN_MS);
  }

  function hideAnswer() {
    window.clearTimeout(hiding);
    answerPlace.replaceChildren();
    focusScanner();
  }

  // -- the shelf ---------------------------------------------------------------------------------------------------
  function sift() {
    const word = (input() ? input().value : "").trim().toLowerCase();
    const tiles = Array.from(root.querySelectorAll(".tile"));
    const ofKind = tiles.filter((tile) => kind === "" || tile.dataset.kind === kind);
    const fits = ({ dataset: data }) => data.initials.startsWith(word) || data.name.toLowerCase().includes(word)
      || data.sku.toLowerCase().startsWith(word);
    // a word that fits nothing (a household's code, a name, a slip) leaves the shelf as it is
    const found = [ofKind.filter(fits), tiles.filter(fits), ofKind].find((some) => some.length) || tiles;
    tiles.forEach((tile) => { tile.hidden = !found.includes(tile); });
  }

  function choose(name) {
    kind = name;
    root.querySelectorAll(".kind").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    });
    sift();
  }

  function dress() {
    const kinds = root.querySelector("[data-kinds]");
    if (kinds) kinds.hidden = false;
    choose(kind);
    showLine(navigator.onLine);
    const last = root.querySelector(".cart-line.last");
    if (last) last.scrollIntoView({ block: "nearest" });
    askedAt = askedAgain() ? Date.now() : 0;
    focusScanner();
  }

  // -- hands and scanner -------------------------------------------------------------------------------------------
  root.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (form.id !== "till-form" && form.id !== "till-sell") return;
    event.preventDefault();
    const fields = button && button.name ? { [button.name]: button.value } : {};
    if (form.id === "till-sell") { then(() => sell(fields)); return; }
    if (button && button.name) { then(() => step(fields)); return; }
    const text = input().value.trim();
    input().value = "";
    if (text) {
      enteredAt = Date.now();
      hideAnswer();
      then(() => step({ code: text }));
      return;
    }
    const meant = !working && Date.now() - enteredAt > SCAN_MS;
    if (refusal()) {                     // the first empty Enter after a refusal only says that it was seen
      if (meant) refusal().remove();
      return;
    }
    const confirm = document.getElementById("till-confirm");
    if (meant && confirm && !confirm.disabled) then(() => sell());
  });

  root.addEventListener("click", (event) => {
    const go = event.target.closest("[data-go]"), chip = event.target.closest(".kind");
    if (go) {
      zones().dataset.step = go.dataset.go;
      root.querySelectorAll("[data-go]").forEach((other) => other.removeAttribute("aria-current"));
      go.setAttribute("aria-current", "step");
    } else if (chip) {
      choose(chip.dataset.kind);
      focusScanner();
    }
  });

  root.addEventListener("input", (event) => { if (event.target.id === "code") sift(); });

  document.addEventListener("keydown", (event) => {
    const field = input();
    if (!field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {        // never leaves the till; an open menu is closed by the shell
      if (document.querySelector("details[data-sheet][open]")) return;
      event.preventDefault();
      if (answerPlace.firstChild) hideAnswer();
      else if (field.value) { field.value = ""; sift(); }
      else if (refusal()) refusal().remove();
      else then(() => step({ clear: "1" }));
    } else if (event.key === "Enter" && event.target === askedAgain()) {
      if (event.repeat || Date.now() - askedAt < SCAN_MS) event.preventDefault();   // a scanner's Enter, or a held key
    } else if (event.key === "Tab" && event.target === field && field.value.trim()) {
      event.preventDefault();            // some scanners end a code with Tab
      stepForm().requestSubmit();
    } else if (event.key === "-" && event.target === field && field.value === "") {
      event.preventDefault();
      then(() => step({ code: "-" }));
    } else if (event.key.length === 1 && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      if (answerPlace.firstChild) hideAnswer();
      field.focus();                     // a scan that starts elsewhere still lands in the scanner's field
    }
  });

  answerPlace.addEventListener("click", (event) => { if (!event.target.closest("a")) hideAnswer(); });
  window.addEventListener("online", () => showLine(true));
  window.addEventListener("offline", () => showLine(false));
  dress();
}());
