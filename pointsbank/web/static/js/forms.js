/* Forms: choosers send themselves, a second tap sends nothing, the cursor stands in the first wrong field. */
"use strict";
(function () {
  function prepare() {
    document.querySelectorAll("[data-needless]").forEach(function (button) { button.hidden = true; });
    /* the page's own sentences say more than the browser's, and stay on the page */
    document.querySelectorAll("#main form[method=post]").forEach(function (form) { form.noValidate = true; });
    var wrong = document.querySelector("#main [aria-invalid='true']");
    if (wrong && document.activeElement === document.body) { wrong.focus(); }
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submit]")) { event.target.form.submit(); }
    /* one box ticks all boxes of the table */
    if (event.target.matches("[data-pick-all]")) {
      event.target.closest("table").querySelectorAll(".pick input:not([data-pick-all]):not(:disabled)")
        .forEach(function (box) { box.checked = event.target.checked; });
    }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method === "get" || event.defaultPrevented) { return; }
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "");
    setTimeout(function () { form.removeAttribute("data-sent"); }, 5000);
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) { print(); }
  });

  addEventListener("pageshow", prepare);
  document.addEventListener("page:shown", prepare);
})();
