/* The rule editor: asks the server what a draft says while one types, and offers the names of facts to complete.
   Without a script the button does the first and the list below the form is the second. */
"use strict";
(function () {
  var SHOWN = 8, WAIT = 300;
  var form = document.querySelector(".rule-editor");
  if (!form) { return; }
  var box = form.elements.text, said = document.getElementById("said");
  var words = form.querySelector(".rule-words");
  var facts = Array.prototype.map.call(form.querySelectorAll("[data-fact]"), function (code) {
    return { name: code.dataset.fact, title: code.nextElementSibling.textContent };
  });
  var timer, asked = 0;

  function check() {
    var mine = ++asked, data = new FormData(form);
    fetch(form.dataset.check, { method: "POST", body: data, credentials: "same-origin" }).then(function (answer) {
      return answer.ok ? answer.text() : null;
    }).then(function (text) {
      if (text !== null && mine === asked) { said.innerHTML = text; }
    }).catch(function () { /* off line: the button still asks */ });
  }

  function begun() {
    var match = /[A-Za-z_][A-Za-z0-9_]*$/.exec(box.value.slice(0, box.selectionStart));
    return match ? match[0] : "";
  }

  function complete(name) {
    var at = box.selectionStart, start = at - begun().length;
    box.value = box.value.slice(0, start) + name + box.value.slice(at);
    box.selectionStart = box.selectionEnd = start + name.length;
    box.focus();
    offer();
    later();
  }

  function offer() {
    var start = begun().toLowerCase();
    var found = start ? facts.filter(function (fact) {
      return fact.name.toLowerCase().indexOf(start) === 0 && fact.name !== start;
    }).slice(0, SHOWN) : [];
    words.textContent = "";
    found.forEach(function (fact) {
      var item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = fact.name + " " + fact.title;
      button.addEventListener("click", function () { complete(fact.name); });
      item.appendChild(button);
      words.appendChild(item);
    });
    words.hidden = found.length === 0;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(check, WAIT);
  }

  box.addEventListener("input", function () { offer(); later(); });
  box.addEventListener("keydown", function (event) {
    var first = words.querySelector("button");
    if (event.key === "Tab" && !event.shiftKey && first && !words.hidden) {
      event.preventDefault();
      first.click();
    }
    if (event.key === "Escape" && !words.hidden) { event.stopPropagation(); words.hidden = true; }
  });
})();
