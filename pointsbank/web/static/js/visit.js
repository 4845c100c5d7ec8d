/* Without a reload: forms and table links fetch the next page and change <main> only. Everything works without this.
   A page that brings its own script is left alone, and so is any form or link with data-reload or download. */
"use strict";
(function () {
  var busy = false;
  var shown = location.pathname + location.search;

  function ownScripts(doc) {
    return doc.querySelectorAll("body script[src]").length > 1;
  }

  function encoded(data) {
    /* as the browser itself would: a file goes by its name here, and only multipart carries its content */
    var fields = new URLSearchParams();
    data.forEach(function (value, name) { fields.append(name, typeof value === "string" ? value : value.name); });
    return fields;
  }

  function plain(link) {
    return link.origin !== location.origin || link.target || link.hasAttribute("download");
  }

  function needsLoading(doc) {
    var next = doc.documentElement, now = document.documentElement;
    return !doc.getElementById("main") || ownScripts(doc) || next.dataset.view !== now.dataset.view ||
      next.lang !== now.lang;
  }

  /* What the answer said once ("returned 12.00 points") was said to this script: it is carried over to the page. */
  function carry(doc) {
    var said = Array.from(doc.querySelectorAll("#main > .flash"), function (one) { return one.outerHTML; }).join("");
    try { if (said) { sessionStorage.setItem("said", said); } } catch (full) { /* the page itself still comes */ }
  }

  function say() {
    var said = null;
    try { said = sessionStorage.getItem("said"); sessionStorage.removeItem("said"); } catch (none) { return; }
    if (said) { document.getElementById("main").insertAdjacentHTML("afterbegin", said); }
  }

  function show(doc, url, push) {
    var next = doc.getElementById("main");
    var now = document.getElementById("main");
    if (needsLoading(doc)) {
      carry(doc);
      location.assign(url);
      return;
    }
    if (push) { history.pushState({ visit: true }, "", url); }
    shown = location.pathname + location.search;
    document.title = doc.title;
    now.replaceWith(next);
    [".tabs", ".place", ".foot"].forEach(function (part) {
      var before = document.querySelector(part), after = doc.querySelector(part);
      if (before && after) { before.replaceWith(after); }
    });
    document.dispatchEvent(new CustomEvent("page:shown"));
    var first = next.querySelector("[autofocus]");
    (first || next).focus({ preventScroll: !first });
    if (!first) { scrollTo(0, 0); }
  }

  function visit(url, options, push, fallback) {
    if (busy) {
      if (!options.method) { location.assign(url); }
      return;
    }
    busy = true;
    document.documentElement.setAttribute("aria-busy", "true");
    fetch(url, Object.assign({ credentials: "same-origin", headers: { Accept: "text/html" } }, options))
      .then(function (answer) {
        var kind = answer.headers.get("Content-Type") || "";
        if (kind.indexOf("text/html") !== 0) { throw new Error("not a page"); }
        return answer.text().then(function (text) {
          var doc = new DOMParser().parseFromString(text, "text/html");
          /* a refusal has no address of its own: the browser asks again, by the same key */
          if (options.method && !answer.redirected && needsLoading(doc)) { throw new Error("not to be shown here"); }
          show(doc, answer.url, push || answer.url !== location.href);
        });
      })
      .catch(fallback)
      .then(function () {
        busy = false;
        document.documentElement.removeAttribute("aria-busy");
      });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    if (event.defaultPrevented || !form.closest("#main") || form.hasAttribute("data-reload") || ownScripts(document) ||
        !window.fetch || !("submitter" in event)) { return; }
    var url = new URL(form.getAttribute("action") || location.href, location.href);
    if (url.origin !== location.origin) { return; }
    var data = new FormData(form);
    if (button && button.name) { data.append(button.name, button.value); }
    event.preventDefault();
    if (form.method === "get") {
      url.search = encoded(data).toString();
      visit(url.href, {}, true, function () { location.assign(url.href); });
      return;
    }
    var body = form.enctype === "multipart/form-data" ? data : encoded(data);
    visit(url.href, { method: "POST", body: body }, false, function () {
      /* the line broke or the answer is a file: the form's key makes sending it again harmless */
      form.setAttribute("data-reload", "");
      if (button && button.name) {
        var kept = document.createElement("input");
        kept.type = "hidden"; kept.name = button.name; kept.value = button.value;
        form.append(kept);
      }
      form.submit();
    });
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest(".table thead a, .pager a, .tabset a");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey ||
        plain(link) || ownScripts(document) || !window.fetch) { return; }
    event.preventDefault();
    visit(link.href, {}, true, function () { location.assign(link.href); });
  });

  say();

  /* back and forward: what the address says; a mere #place on the same page is the browser's own business */
  addEventListener("popstate", function () {
    if (location.pathname + location.search !== shown) {
      visit(location.href, {}, false, function () { location.reload(); });
    }
  });
})();
