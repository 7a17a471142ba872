"use strict";
(function () {
  var board = document.querySelector(".switchboard");
  if (!board) { return; }
  document.querySelector("[data-without]").hidden = true;
  var grid = JSON.parse(board.getAttribute("data-grid"));
  var boxes = Array.prototype.slice.call(board.querySelectorAll("input[data-bit]"));
  var buttons = Array.prototype.slice.call(board.querySelectorAll("button[data-set]"));
  // Halves go to the even neighbour, as where the page's other figures were written.
  function nearest(x) {
    var rounded = Math.round(x);
    return Math.abs(x - Math.floor(x) - 0.5) < 1e-9 && rounded % 2 ? rounded - 1 : rounded;
  }
  function write(amount, signed) {
    var size = Math.pow(10, grid.decimals), scaled = amount / grid.factor;
    var rounded = nearest(Math.abs(scaled) * size) / size;
    var text = rounded.toFixed(grid.decimals).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    if (rounded === 0) { return text; }
    return (scaled < 0 ? "\u2212" : signed ? "+" : "") + text;
  }
  function odds(chance) {
    if (chance === null) { return "\u2013"; }
    if (chance < 0.01) { return "below 1\u202f%"; }
    if (chance > 0.99) { return "above 99\u202f%"; }
    return nearest(chance * 100) + "\u202f%";
  }
  function tone(cell, amount) {
    cell.classList.toggle("good", amount > 0.5 * grid.factor / Math.pow(10, grid.decimals));
    cell.classList.toggle("bad", amount < -0.5 * grid.factor / Math.pow(10, grid.decimals));
  }
  function put(name, text, amount) {
    var cell = board.querySelector("[data-out=" + name + "]");
    if (!cell) { return; }
    cell.textContent = text;
    if (amount !== undefined) { tone(cell, amount); }
  }
  function sum(number) {
    return grid.plan.reduce(function (total, span) { return total + span[number]; }, 0);
  }
  // Rows as they were written: sorted, they stand elsewhere, and are sorted by what they say now.
  var rows = Array.prototype.slice.call(board.querySelectorAll("tbody tr")), foot = board.querySelector("tfoot tr");
  function difference(row, amount, against) {
    [amount, amount - against].forEach(function (value, at) {
      row.cells[at + 1].textContent = write(value, at > 0);
      row.cells[at + 1].setAttribute("data-value", value);
    });
    tone(row.cells[2], amount - against);
  }
  function show() {
    var number = boxes.reduce(function (all, box) {
      return all + (box.checked ? Number(box.getAttribute("data-bit")) : 0);
    }, 0);
    var round = grid.plan[grid.asked], plan = round[number];
    put("plan", write(plan, false));
    put("gap", write(plan - grid.target, true), plan - grid.target);
    put("probability", odds(grid.probability[number]));
    put("band", write(grid.p10[number], false) + " to " + write(grid.p90[number], false));
    boxes.forEach(function (box) {
      var bit = Number(box.getAttribute("data-bit")), cell = board.querySelector("[data-change='" + bit + "']");
      var change = round[number | bit] - round[number & ~bit];
      cell.textContent = write(change, true);
      tone(cell, change);
    });
    rows.forEach(function (row, at) { difference(row, grid.plan[at][number], grid.plan[at][grid.start]); });
    if (foot) { difference(foot, sum(number), sum(grid.start)); }
    buttons.forEach(function (button) {
      button.setAttribute("aria-pressed", String(Number(button.getAttribute("data-set")) === number));
    });
  }
  boxes.forEach(function (box) { box.disabled = false; box.addEventListener("change", show); });
  buttons.forEach(function (button) {
    button.disabled = false;
    button.addEventListener("click", function () {
      var wanted = Number(button.getAttribute("data-set"));
      boxes.forEach(function (box) { box.checked = (wanted & Number(box.getAttribute("data-bit"))) !== 0; });
      show();
    });
  });
  show();
})();
