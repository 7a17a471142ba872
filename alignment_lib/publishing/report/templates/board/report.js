"use strict";
(function () {
  function value(row, column) {
    var cell = row.cells[column], number = cell.getAttribute("data-value");
    if (number === null) { return cell.textContent.trim().toLowerCase(); }
    return isNaN(number) ? number : parseFloat(number);
  }
  function compare(a, b) {
    if (typeof a === typeof b) { return a < b ? -1 : a > b ? 1 : 0; }
    return typeof a === "number" ? -1 : 1;
  }
  function sort(table, column, heading) {
    var words = heading.className === "words", now = heading.getAttribute("aria-sort");
    var rising = now ? now === "descending" : words;
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (one, other) { return (rising ? 1 : -1) * compare(value(one, column), value(other, column)); });
    rows.forEach(function (row) { body.appendChild(row); });
    table.querySelectorAll("thead th").forEach(function (th) { th.removeAttribute("aria-sort"); });
    heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    if (table.tBodies[0].rows.length < 2) { return; }
    table.querySelectorAll("thead th").forEach(function (th, column) {
      var button = document.createElement("button"), label = th.querySelector("span");
      button.type = "button";
      button.textContent = label.textContent;
      button.addEventListener("click", function () { sort(table, column, th); });
      // On paper a heading is repeated on each sheet, but a button in it is not: paper keeps the label.
      th.insertBefore(button, label);
      label.className = "on-paper";
    });
  });
  var appendix = document.getElementById("appendix"), nav = document.querySelector("nav");
  // A link into the appendix opens it; browsers that do so by themselves come first and find it open.
  function reveal() {
    var wanted = location.hash && document.getElementById(location.hash.slice(1));
    if (appendix && wanted && appendix.contains(wanted) && !appendix.open) { appendix.open = true; wanted.scrollIntoView(); }
  }
  if (appendix) {
    appendix.addEventListener("toggle", function () { nav.classList.toggle("open", appendix.open); });
    window.addEventListener("hashchange", reveal);
    reveal();
  }
  var links = {};
  document.querySelectorAll("nav a").forEach(function (a) { links[a.getAttribute("href").slice(1)] = a; });
  if ("IntersectionObserver" in window) {
    var watch = new IntersectionObserver(function (seen) {
      seen.forEach(function (entry) {
        if (!entry.isIntersecting || !links[entry.target.id]) { return; }
        Object.keys(links).forEach(function (id) { links[id].classList.toggle("here", id === entry.target.id); });
      });
    }, { rootMargin: "-10% 0px -75% 0px" });
    document.querySelectorAll("main section").forEach(function (part) { watch.observe(part); });
  }
  var box = document.querySelector("input[type=search]");
  if (box) {
    box.addEventListener("input", function () {
      var wanted = box.value.trim().toLowerCase();
      document.querySelectorAll("table.searched tbody tr").forEach(function (row) {
        row.hidden = wanted !== "" && row.textContent.toLowerCase().indexOf(wanted) < 0;
      });
    });
  }
})();
