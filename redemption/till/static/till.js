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

  const input = () => document.getElementById("code");
  const stepForm = () => document.getElementById("till-form");
  const sellForm = () => document.getElementById("till-sell");
  const zones = () => root.querySelector(".till-zones");

  function focusScanner() {
    const field = input();
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

  async function send(url, options) {
    const answer = await fetch(url, Object.assign({ credentials: "same-origin", headers: { "X-Till": "1" } }, options));
    return { status: answer.status, html: await answer.text() };
  }

  async function step(fields) {
    const form = stepForm();
    const values = new URLSearchParams(new FormData(form));
    values.delete("code");
    Object.entries(fields).forEach(([name, value]) => values.set(name, value));
    const answer = await send(form.action + "?" + values.toString());
    put(answer.html);
  }

  async function sell(fields) {
    const form = sellForm();
    if (!form) return;
    const values = new URLSearchParams(new FormData(form));
    Object.entries(fields || {}).forEach(([name, value]) => values.set(name, value));
    const answer = await send(form.action, { method: "POST", body: values });
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
  function shown() {
    return Array.from(root.querySelectorAll(".tile")).filter((tile) => !tile.hidden);
  }

  function sift() {
    const word = (input() ? input().value : "").trim().toLowerCase();
    const looking = word && !/^[0-9]{5,}$/.test(word) && !/^jf1-/.test(word) && word !== "-";
    root.querySelectorAll(".tile").forEach((tile) => {
      const data = tile.dataset;
      const fits = !looking || data.initials.startsWith(word) || data.name.toLowerCase().includes(word)
        || data.sku.toLowerCase().startsWith(word);
      tile.hidden = !fits || (kind !== "" && data.kind !== kind);
    });
    const none = root.querySelector(".no-match");
    if (none) none.hidden = shown().length > 0;
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
    const confirm = document.getElementById("till-confirm");
    const meant = !working && Date.now() - enteredAt > SCAN_MS;
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
    if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (answerPlace.firstChild) { hideAnswer(); return; }
      if (field.value) { field.value = ""; sift(); } else { then(() => step({ clear: "1" })); }
      event.preventDefault();
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
