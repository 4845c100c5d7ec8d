/* A long job: ask how far it is, show it, go on when it is done. */
"use strict";
(function () {
  function poll(box, failures) {
    if (!box.isConnected) { return; }
    fetch(box.dataset.poll, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status))); })
      .then(function (now) {
        var bar = box.querySelector("progress");
        bar.max = now.total || 1;
        bar.value = now.done;
        if (now.sentence) { box.querySelector("[role=status]").textContent = now.sentence; }
        if (now.finished) {
          location.assign(now.next || location.href);
        } else {
          setTimeout(poll, 700, box, 0);
        }
      })
      .catch(function () { setTimeout(poll, Math.min(20000, 1500 * (failures + 1)), box, failures + 1); });
  }

  function start() {
    document.querySelectorAll("[data-poll]:not([data-polling])").forEach(function (box) {
      box.setAttribute("data-polling", "");
      poll(box, 0);
    });
  }

  if (window.fetch) {
    start();
    document.addEventListener("page:shown", start);
  }
})();
