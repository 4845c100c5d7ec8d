/* Keys: "/" puts the cursor into the search, Esc closes what is open, leaves a field, then goes back.
   A page with [data-no-escape] keeps Esc for itself: there it only closes what is open. */
"use strict";
document.addEventListener("keydown", function (event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
  var field = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !field) {
    var search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") {
    var open = document.querySelector("details[data-sheet][open]");
    if (open) {
      open.removeAttribute("open");
      open.querySelector("summary").focus();
    } else if (document.querySelector("[data-no-escape]")) {
      return;
    } else if (field) {
      field.blur();
    } else if (document.referrer.indexOf(location.origin) === 0) {
      history.back();
    }
  }
});

/* 更多: a touch elsewhere closes it */
document.addEventListener("click", function (event) {
  var open = document.querySelector("details[data-sheet][open]");
  if (open && !open.contains(event.target)) { open.removeAttribute("open"); }
});
