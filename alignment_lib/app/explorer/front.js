// The explorer's page. It carries messages and shows what comes back; nothing is computed here.
// Texts from the workspace are set as text, never as markup; only charts, drawn and escaped by us, are markup.

const el = (name, props = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "list" && key !== "form") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
};

const VERDICTS = { supported: "good", optimistic: "bad", pessimistic: "bad" };
const SIGNS = { supported: "✓ ", optimistic: "▲ ", pessimistic: "▼ " };
const FOLLOW_ODDS = ["odds", "leads"];
let pages = 0;

export function mount(root, link) {
  const page = `ax${++pages}-`;
  const parts = {};
  const rows = new Map();
  let state = null, seq = 0, waiting = 0, pending = null, chosen = {}, timings = [];

  root.classList.add("alignment-explorer");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Scenario explorer");

  // One message is under way at a time: while it is, only the newest movement is kept.
  const send = (message) => {
    message.seq = ++seq;
    message.at = performance.now();
    if (waiting && message.moving) { pending = message; return; }
    pending = null;
    if (["set", "apply", "switch", "drop", "move", "undo", "redo", "reset", "load"].includes(message.type)) {
      waiting = message.seq;
      timings.push([message.seq, message.at]);
    }
    link.send(message);
  };
  const answered = (number) => {
    if (number === null || number === undefined) return;
    const at = timings.find((item) => item[0] === number);
    requestAnimationFrame(() => {
      if (at) root.dataset.lastMs = (performance.now() - at[1]).toFixed(1);
      root.dataset.answered = String(number);
    });
    timings = timings.filter((item) => item[0] > number);
    if (number >= waiting) waiting = 0;
    if (!waiting && pending) { const next = pending; pending = null; send(next); }
  };

  const notice = (kind, text, cancel = false) => {
    parts.notice.className = `ax-notice ax-${kind}`;
    parts.notice.replaceChildren(...(text ? [el("span", {}, text)] : []));
    if (cancel) parts.notice.append(el("button", { type: "button", onclick: () => send({ type: "cancel" }) }, "Cancel"));
    if (text && !cancel) parts.notice.append(
      el("button", { type: "button", onclick: () => notice("", "") }, "Dismiss"));
  };

  const button = (text, act, props = {}) => el("button", { type: "button", onclick: act, ...props }, text);

  const setValue = (row, value, moving) => {
    const number = Number(value);
    if (value === "" || !Number.isFinite(number)) {
      notice("error", `The value of ${row.id} is not a number; type digits with a decimal point.`);
      return;
    }
    send({ type: "set", id: row.id, value: number, moving });
  };

  const strip = (row) => {
    const at = (value) => `${(100 * (Math.min(Math.max(value, row.least), row.most) - row.least)) / (row.most - row.least)}%`;
    const between = (name, low, high) => {
      const node = el("i", { class: name });
      node.style.left = at(low);
      node.style.right = `calc(100% - ${at(high)})`;
      return node;
    };
    const mark = (name, value) => { const node = el("i", { class: name }); node.style.left = at(value); return node; };
    const box = el("div", { class: "ax-strip", "aria-hidden": "true" });
    box.append(mark("ax-zero", 0));
    if (row.low !== null && row.high !== null) box.append(between("ax-band", row.low, row.high));
    box.append(mark("ax-claim", row.expected));
    if (row.supported !== null) {
      if (row.error !== null) box.append(between("ax-error", row.supported - row.error, row.supported + row.error));
      box.append(mark("ax-history", row.supported));
    }
    return box;
  };

  // Where a claim stands: it counts, it is doubted (its action still runs), or its action is dropped with it.
  const standings = (row) => [
    ["counts", "counts", "The plan counts the claim."],
    ["doubted", row.status === "accepted" ? "doubted" : "not counted",
      row.is_action ? "The claim does not count; its action runs as the calendar has it, at what history supports." : "The claim does not count."],
    ...(row.is_action ? [["dropped", "dropped", "Claim and action both go: its cells of the driver calendar, what it takes from others, its leads."]] : []),
  ];
  const drawStand = (row) => {
    const radios = new Map();
    const box = el("div", { class: "ax-stand", role: "radiogroup", "aria-label": `${row.id} ${row.title}` });
    for (const [key, text, title] of standings(row)) {
      const radio = el("input", { type: "radio", name: `${page}stand-${row.id}`, value: key, onchange: () =>
        send(key === "dropped" ? { type: "drop", id: row.id } : { type: "switch", id: row.id, on: key === "counts" }) });
      radios.set(key, radio);
      box.append(el("label", { title }, radio, el("span", {}, text)));
    }
    return { box, radios };
  };

  // Dates and strength of an action, moved together with its claim and its cells of the calendar.
  const drawMove = (row, id) => {
    const start = el("input", { type: "date", required: true });
    const scale = el("input", { type: "number", step: "any", required: true, value: "1" });
    const scope = el("input", { type: "text", size: "16", placeholder: "its own", title: "Such as shop, or House Blend / web" });
    const form = el("form", { class: "ax-move", id, hidden: true, onsubmit: (event) => {
      event.preventDefault();
      send({ type: "move", id: row.id, start: start.value, scale: Number(scale.value), scope: scope.value });
    } }, el("label", {}, "from", start), el("label", {}, "times as strong", scale), el("label", {}, "in", scope),
      el("button", { type: "submit" }, "Move"),
      button("Back to where it was", () => send({ type: "move", id: row.id, start: "", scale: 1, scope: "" })),
      el("p", { class: "ax-meta" }, "Claim, depth and driver calendar move together; what is covered keeps its length."));
    return { form, start, scale, scope };
  };

  const opener = (text, target, props = {}) => {
    const one = button(text, () => {
      target.hidden = !target.hidden;
      one.setAttribute("aria-expanded", String(!target.hidden));
    }, { "aria-expanded": "false", "aria-controls": target.id, ...props });
    return one;
  };

  const drawRow = (row) => {
    const about = `${page}about-${row.id}`;
    const label = `${row.id} ${row.title}, ${row.unit}`;
    const slider = el("input", {
      type: "range", min: row.least, max: row.most, step: row.step, "aria-label": label, "aria-describedby": about,
      oninput: (event) => { number.value = event.target.value; setValue(row, event.target.value, true); },
      onchange: () => send({ type: "settle" }),
    });
    const number = el("input", {
      type: "number", step: "any", "aria-label": `${label}, typed`,
      onchange: (event) => setValue(row, event.target.value, false),
    });
    const known = Object.keys(VERDICTS).find((word) => row.verdict.startsWith(word));
    const kind = VERDICTS[known] || "wait";
    const deciding = el("div", { class: "ax-tables" }), decision = el("span", { class: "ax-decision" });
    const waits = el("span", { class: "ax-waits" }), said = el("ul", { class: "ax-said", hidden: true });
    const words = el("div", { class: "ax-about", id: about, hidden: true },
      el("p", {}, `${row.kind}, ${row.scope}, ${row.span}; ${row.owner} (${row.function}), ${row.status}.`), el("p", {}, row.about), deciding);
    const verdict = opener((SIGNS[known] || "○ ") + row.verdict, words,
      { class: `ax-mark ax-${kind}`, title: row.sentence, "aria-label": `${row.verdict}: what stands behind ${row.id}` });
    const stand = drawStand(row), effect = el("span", { class: "ax-effect" }), moved = el("span", { class: "ax-moved" });
    const move = row.can_move ? drawMove(row, `${page}move-${row.id}`) : null;
    const moving = move ? opener("Move …", move.form, { class: "ax-small", "aria-label": `Move or scale ${row.id}` }) : null;
    const item = el("li", { class: "ax-row" },
      el("div", { class: "ax-title" }, el("span", {}, `${row.id} ${row.title}`), verdict),
      el("div", { class: "ax-slide" }, el("div", { class: "ax-track" }, slider, strip(row)), number,
        el("span", { class: "ax-unit" }, row.unit, effect)),
      el("div", { class: "ax-under" }, stand.box, moving, moved, waits, decision), move && move.form, said, words);
    rows.set(row.id, { item, radios: stand.radios, slider, number, effect, move, moved, decision, deciding, waits, said, title: row.title, answer: null });
    return item;
  };

  const option = (value, text) => el("option", { value }, text);
  const scenarioOptions = () => [
    ...(state.changed ? [option("", `${nameOf(state.shown)}, changed`)] : []),
    ...state.plans.map((plan) => option(plan.name, plan.label)),
    ...state.scenarios.map((item) => option(item.name, item.name)),
  ];
  const nameOf = (name) => state.plans.find((plan) => plan.name === name)?.label || name;
  const isPlan = (name) => state.plans.some((plan) => plan.name === name);

  const toggle = (name) => {
    const opens = parts[name].hidden;
    for (const other of ["savePanel", "comparePanel", "solvePanel", "lifePanel"]) {
      parts[other].hidden = other !== name || !opens;
      if (parts[`${other}Button`]) parts[`${other}Button`].setAttribute("aria-expanded", String(other === name && opens));
    }
    if (opens) parts[name].querySelector("input, select, button")?.focus();
  };

  const drawBar = () => {
    parts.load = el("select", { "aria-label": "Scenario shown", onchange: (event) => send({ type: "load", name: event.target.value }) });
    parts.undo = button("Undo", () => send({ type: "undo" }), { title: "Ctrl+Z" });
    parts.redo = button("Redo", () => send({ type: "redo" }), { title: "Ctrl+Shift+Z" });
    parts.remove = button("Delete", () => {
      if (parts.remove.dataset.sure !== state.shown) {
        parts.remove.dataset.sure = state.shown;
        parts.remove.textContent = `Delete ${state.shown}?`;
        return;
      }
      parts.remove.dataset.sure = "";
      parts.remove.textContent = "Delete";
      send({ type: "delete", name: state.shown });
    });
    const panelButton = (text, panel) => (parts[`${panel}Button`] = button(text, () => toggle(panel), { "aria-expanded": "false" }));
    const bar = el("div", { class: "ax-bar", role: "toolbar", "aria-label": "Scenario" },
      el("label", {}, el("span", { class: "ax-word" }, "Scenario"), parts.load), parts.undo, parts.redo,
      button("Reset", () => send({ type: "reset" }), { title: "Back to the scenario as loaded" }),
      el("span", { class: "ax-space" }));
    if (state.can_edit) bar.append(panelButton("Save as …", "savePanel"), parts.remove);
    else bar.append(el("span", { class: "ax-mark ax-wait" }, "read-only"));
    bar.append(panelButton("Compare", "comparePanel"), panelButton("Solve for target", "solvePanel"),
      button("Export to Excel", () => send({ type: "export" })), panelButton("Answer and sign", "lifePanel"));
    parts.lifePanelButton.hidden = true;
    return bar;
  };

  // Who answers is said once for the whole page; every answer goes out with it.
  const answer = (id, decision, field) => {
    if (!parts.role.value.trim()) {
      if (parts.lifePanel.hidden) toggle("lifePanel");
      parts.role.focus();
      notice("error", "Say first which role answers, and for which side.");
      return;
    }
    link.send({ type: "answer", id, decision, function: parts.side.value, by: parts.role.value, comment: field.value });
    field.value = "";
  };
  const drawLife = () => {
    parts.side = el("select", { "aria-label": "for which side" }, ...["marketing", "sales", "finance", "other"].map((side) => option(side, side)));
    parts.role = el("input", { type: "text", maxLength: 100, size: 24, placeholder: "such as head of sales" });
    parts.lifeLines = el("ul", { class: "ax-life" });
    parts.lifeSaid = el("ul", { class: "ax-said" });
    const comment = el("input", { type: "text", maxLength: 2000, size: 40 });
    parts.lifeForm = el("form", { hidden: true, onsubmit: (event) => { event.preventDefault(); answer("plan", "sign", comment); } },
      el("label", {}, "Who answers, as a role", parts.role), el("label", {}, "for", parts.side),
      el("label", {}, "Comment on the plan", comment),
      button("Keep comment", () => answer("plan", "", comment)),
      el("button", { type: "submit", class: "main" }, "Sign the plan"));
    return (parts.lifePanel = el("div", { class: "ax-panel", hidden: true }, parts.lifeLines, parts.lifeSaid, parts.lifeForm));
  };
  const drawAnswer = (id, title) => {
    const comment = el("input", { type: "text", maxLength: 2000, "aria-label": `Reason or comment on ${id}` });
    const form = el("form", { class: "ax-move", id: `${page}answer-${id}`, hidden: true, onsubmit: (event) => event.preventDefault() },
      el("label", { class: "ax-grow" }, "why", comment),
      button("Accept", () => answer(id, "accept", comment), { "aria-label": `Accept ${id}` }),
      button("Reject", () => answer(id, "reject", comment), { "aria-label": `Reject ${id}` }),
      button("Keep comment", () => answer(id, "", comment), { "aria-label": `Keep comment on ${id}` }));
    return { form, open: opener("Decide …", form, { class: "ax-small", "aria-label": `Decide on ${id} ${title}` }) };
  };
  const lines = (list, texts) => {
    list.replaceChildren(...texts.map((text) => el("li", {}, text)));
    list.hidden = !texts.length;
  };
  const showLife = (message) => {
    parts.lifePanelButton.hidden = false;
    lines(parts.lifeLines, message.lines);
    lines(parts.lifeSaid, message.said || []);
    parts.lifeForm.hidden = !message.is_open;
    for (const [id, told] of Object.entries(message.rows)) {
      const row = rows.get(id);
      if (!row) continue;
      lines(row.said, told.said);
      row.waits.textContent = told.waits;
      if (message.is_open && !row.answer) {
        row.answer = drawAnswer(id, row.title);
        row.waits.before(row.answer.open);
        row.said.before(row.answer.form);
      }
      if (row.answer && !message.is_open) { row.answer.open.remove(); row.answer.form.remove(); row.answer = null; }
    }
    root.dataset.life = String(Number(root.dataset.life || 0) + 1);
  };

  const drawSave = () => {
    parts.name = el("input", { type: "text", maxLength: 60, required: true, size: 24 });
    parts.reason = el("input", { type: "text", maxLength: 500, required: true, size: 48 });
    const form = el("form", { onsubmit: (event) => {
      event.preventDefault();
      send({ type: "save", name: parts.name.value, reason: parts.reason.value });
    } }, el("label", {}, "Name", parts.name), " ", el("label", {}, "Reason", parts.reason), " ",
      el("button", { type: "submit", class: "main" }, "Save scenario"));
    return (parts.savePanel = el("div", { class: "ax-panel", hidden: true }, form));
  };

  const drawCompare = () => {
    parts.compareList = el("fieldset", {});
    parts.compared = el("div", { class: "ax-compared" });
    return (parts.comparePanel = el("div", { class: "ax-panel", hidden: true }, parts.compareList, parts.compared));
  };
  const fillCompare = () => {
    const before = new Set([...parts.compareList.querySelectorAll("input:checked")].map((box) => box.value));
    const all = [{ name: "", label: "As chosen now" }, ...state.plans, ...state.scenarios.map((item) => ({ name: item.name, label: item.name }))];
    parts.compareList.replaceChildren(el("legend", {}, "Compare up to four"),
      ...all.map((item) => el("label", {}, el("input", { type: "checkbox", value: item.name, checked: before.has(item.name) }), item.label)),
      button("Show", () => {
        const names = [...parts.compareList.querySelectorAll("input:checked")].map((box) => box.value);
        send({ type: "compare", names });
      }));
  };

  const drawSolve = () => {
    parts.target = el("input", { type: "number", step: "any", value: state.target === null ? "" : state.target });
    parts.solveFor = el("select", { "aria-label": "Solved by" }, option("", "each assumption alone"),
      option("*", "all of them together, each within its range, at least change"),
      ...state.rows.map((row) => option(row.id, `${row.id} ${row.title}`)));
    parts.surely = el("select", { "aria-label": "so that" }, option("", "the plan equals it"),
      ...[50, 80, 90].map((share) => option(String(share / 100), `made with ${share} %`)));
    parts.solved = el("ul", {});
    return (parts.solvePanel = el("div", { class: "ax-panel", hidden: true },
      el("form", { onsubmit: (event) => {
        event.preventDefault();
        send({ type: "solve", id: parts.solveFor.value,
          target: parts.target.value === "" ? null : Number(parts.target.value),
          probability: parts.surely.value === "" ? null : Number(parts.surely.value) });
      } }, el("label", {}, (parts.targetLabel = el("span", {})), parts.target), " ",
        el("label", {}, "so that", parts.surely), " ", el("label", {}, "by", parts.solveFor), " ",
        el("button", { type: "submit" }, "Solve")),
      el("p", { class: "ax-meta" }, "It is solved for the sales and the span that the filters show, by the assumptions that they leave."),
      parts.solved));
  };

  const drawFilters = () => {
    const bar = el("div", { class: "ax-bar ax-filters", role: "group", "aria-label": "Filters of the list" });
    for (const filter of state.filters) {
      bar.append(el("label", {}, filter.label, el("select", { "aria-label": `${filter.label} (filter)`, onchange: (event) => {
        chosen = { ...chosen, [filter.name]: event.target.value };
        send({ type: "filter", chosen });
      } }, option("", filter.blank), ...filter.values.map(([value, text]) => option(value, text)))));
    }
    if (state.rows.some((row) => !row.is_open)) {
      const when = el("select", { onchange: (event) => {
        chosen = { ...chosen, "@when": event.target.value };
        send({ type: "filter", chosen });
      } }, option("open", "still open"), option("", "all"));
      bar.append(el("label", {}, "Dates", when));
      chosen = { ...chosen, "@when": "open" };
    }
    parts.count = el("span", { class: "ax-meta", role: "status" }, "");
    return el("details", { class: "ax-choose", open: root.clientWidth > 820 },
      el("summary", {}, "Filters ", parts.count), bar);
  };

  const begin = (message) => {
    state = message;
    rows.clear();
    parts.facts = el("div", { class: "ax-head", "aria-label": "The plan in figures", role: "group" });
    parts.notice = el("div", { class: "ax-notice", role: "status", "aria-live": "polite" });
    parts.charts = el("div", { class: "ax-right", role: "region", "aria-label": "Charts" });
    const list = el("ul", { class: "ax-rows" }, ...state.rows.map(drawRow));
    const key = el("p", { class: "ax-key" }, "Band: low to high. Line: the claim. Diamond: history, with its error. A verdict opens its reasons and what deciding does. Doubted: the action still runs. Dropped: it goes too.");
    if (!state.rows.length) {
      key.textContent = "The register holds no assumption for this round, so the plan is the baseline. Write some into the " +
        "workspace's assumptions table with the status proposed or accepted, then open this page again.";
    }
    root.replaceChildren(parts.facts, drawBar(), parts.notice, drawSave(), drawCompare(), drawSolve(), drawLife(), drawFilters(), drawViews(),
      el("div", { class: "ax-main" },
        el("div", { class: "ax-left", role: "region", "aria-label": "Assumptions" }, key, list), parts.charts));
    fillScenarios(state.scenarios, state.figures.shown, state.figures.changed);
    figures(state.figures);
    draw(state.charts);
    showRows(state.rows.filter((row) => row.is_open).map((row) => row.id));
    root.dataset.ready = "true";
  };

  // On a narrow screen either the charts or the assumptions are shown; the first line stays above both.
  const drawViews = () => {
    const choose = (name) => {
      root.dataset.view = name;
      for (const one of views.children) one.setAttribute("aria-pressed", String(one.dataset.view === name));
    };
    const views = el("div", { class: "ax-bar ax-views", role: "group", "aria-label": "What is shown" });
    for (const [name, text] of [["rows", "Assumptions"], ["charts", "Charts"]]) {
      const one = button(text, () => choose(name));
      one.dataset.view = name;
      views.append(one);
    }
    choose(root.dataset.view || "rows");
    return views;
  };

  const showRows = (ids) => {
    const shown = new Set(ids);
    for (const [id, row] of rows) row.item.hidden = !shown.has(id);
    parts.count.textContent = `${shown.size} of ${rows.size} assumptions`;
  };

  const fillScenarios = (scenarios, shown, changed) => {
    Object.assign(state, { scenarios, shown, changed });
    parts.load.replaceChildren(...scenarioOptions());
    parts.load.value = changed ? "" : shown;
    parts.remove.disabled = isPlan(shown);
    parts.remove.textContent = "Delete";
    const item = scenarios.find((one) => one.name === shown);
    if (parts.name && item) { parts.name.value = item.name; parts.reason.value = item.reason; }
    fillCompare();
  };

  const figures = (message) => {
    root.classList.toggle("ax-stale", message.stale);
    parts.facts.replaceChildren(...message.facts.map((fact, number) =>
      el("div", { class: `ax-fact${number === message.facts.length - 1 ? " ax-odds" : ""}` }, el("span", { class: "ax-label" }, fact.label),
        el("span", { class: "ax-line" }, el("span", { class: "ax-value" }, fact.value), " ", el("small", {}, fact.beside || "")),
        el("span", { class: "ax-remark" }, fact.remark))));
    // What no longer applies goes once the odds are there: leads are required by all sales, not by one product's.
    if (!message.stale) for (const figure of [...parts.charts.children]) {
      if (!message.names.includes(figure.dataset.chart)) figure.remove();
    }
    for (const figure of parts.charts.children) {
      if (message.stale) figure.classList.toggle("ax-stale", FOLLOW_ODDS.includes(figure.dataset.chart));
    }
    if (message.shown !== state.shown || message.changed !== state.changed) fillScenarios(state.scenarios, message.shown, message.changed);
    for (const [id, told] of Object.entries(message.rows)) {
      const row = rows.get(id), value = told.value;
      row.radios.get(told.stand).checked = true;
      row.item.classList.toggle("ax-off", told.stand !== "counts");
      row.effect.textContent = told.effect;
      row.moved.textContent = told.moved;
      if (row.move && !row.move.form.contains(document.activeElement)) {
        row.move.start.value = told.start;
        row.move.scale.value = told.scale;
        row.move.scope.value = told.scope;
      }
      // A slider in the hand is not moved by an answer to an earlier movement.
      if (!pending && document.activeElement !== row.number) {
        if (Number(row.slider.value) !== value) row.slider.value = value;
        const text = String(Number(value.toPrecision(6)));
        if (row.number.value !== text) row.number.value = text;
      }
    }
    if (parts.targetLabel.textContent !== message.goal.label) {
      parts.targetLabel.textContent = message.goal.label;
      parts.target.value = message.goal.target === null ? "" : message.goal.target;
    }
    parts.undo.disabled = !message.can_undo;
    parts.redo.disabled = !message.can_redo;
    if (message.stale) root.dataset.stale = "true";
    answered(message.seq);
  };

  // Charts come one by one, as they are drawn; those out of sight are told, so that they wait.
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.target.toggleAttribute("data-hidden", !entry.isIntersecting);
    const hidden = [...parts.charts.children].filter((figure) => figure.hasAttribute("data-hidden"));
    link.send({ type: "look", hidden: hidden.map((figure) => figure.dataset.chart) });
  }, { rootMargin: "120px" });

  const draw = (charts) => {
    for (const [name, chart] of Object.entries(charts)) {
      let figure = parts.charts.querySelector(`[data-chart="${name}"]`);
      if (!figure) {
        figure = el("figure", { class: "ax-chart", "data-chart": name }, el("figcaption", {}, el("strong"), " ", el("span")), el("div"), el("p"));
        parts.charts.append(figure);
        seen.observe(figure);
      }
      const [caption, drawing, legend] = figure.children;
      caption.children[0].textContent = chart.title;
      caption.children[1].textContent = chart.subtitle;
      if (figure.svg !== chart.svg) drawing.innerHTML = figure.svg = chart.svg;
      legend.textContent = chart.legend;
    }
  };

  const chartBox = (chart) => {
    const box = el("figure", { class: "ax-chart ax-wide" }, el("figcaption", {}, el("strong", {}, chart.title), " ", el("span", {}, chart.subtitle)), el("div"), el("p", {}, chart.legend));
    box.children[1].innerHTML = chart.svg;
    return box;
  };

  const handlers = {
    stage: (message) => root.replaceChildren(el("p", { class: "ax-notice ax-wait", role: "status" }, message.text)),
    fault: (message) => root.replaceChildren(el("p", { class: "ax-notice ax-error", role: "alert" }, message.text)),
    state: begin,
    figures,
    life: showLife,
    charts: (message) => {
      draw(message.charts);
      if (message.seq) root.dataset.drawn = String(message.seq);
      if (!message.settled) return;
      for (const figure of parts.charts.children) figure.classList.remove("ax-stale");
      root.dataset.stale = "false";
    },
    notice: (message) => { notice(message.kind, message.text); if (message.kind === "error") { waiting = 0; pending = null; } },
    // The end of long work takes away its own words only, never a fault told meanwhile.
    progress: (message) => {
      if (message.text) notice("wait", message.text, true);
      else if (parts.notice.classList.contains("ax-wait")) notice("", "");
    },
    scenarios: (message) => fillScenarios(message.scenarios, message.shown, message.changed),
    visible: (message) => showRows(message.ids),
    decisions: (message) => {
      for (const [id, told] of Object.entries(message.rows)) {
        const row = rows.get(id);
        row.decision.textContent = told.line;
        // Drawn and escaped on our side, as the charts are.
        row.deciding.innerHTML = told.table;
      }
      root.dataset.decided = "true";
    },
    compared: (message) => {
      const figures = el("div", { class: "ax-tables" });
      // Drawn and escaped on our side, as the charts are.
      figures.innerHTML = message.tables;
      parts.compared.replaceChildren(...(message.chart ? [chartBox(message.chart), figures] : []));
    },
    solved: (message) => parts.solved.replaceChildren(...message.answers.map((answer) => {
      const item = el("li", {}, el("span", {}, `${answer.title}: ${answer.text}`));
      if (Object.keys(answer.values).length) item.append(button(answer.id ? `Use for ${answer.id}` : "Use all of it", () =>
        send({ type: "apply", values: answer.values })));
      return item;
    }), ...(message.remark ? [el("li", { class: "ax-meta" }, message.remark)] : [])),
    download: (message) => {
      const bytes = Uint8Array.from(atob(message.data), (mark) => mark.charCodeAt(0));
      const address = URL.createObjectURL(new Blob([bytes], { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" }));
      const anchor = el("a", { href: address, download: message.name });
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    },
  };

  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.target.matches("input[type=text], input[type=number]")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) send({ type: "undo" });
    else if (key === "y" || (key === "z" && event.shiftKey)) send({ type: "redo" });
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  link.receive((message) => handlers[message.type]?.(message));
  return { show: (message) => handlers[message.type]?.(message) };
}

// In a notebook: messages travel over the kernel; without one a still picture stands in the output below.
function render({ model, el: root }) {
  mount(root, {
    send: (message) => model.send(message),
    receive: (handle) => model.on("msg:custom", handle),
  });
  model.send({ type: "hello" });
}

export default { render };
