"use strict";
// What-if panel: the rules of a projection, as analyses/rules.py writes and explains them, in floating point.

const LARGEST = 1e18;

class Impossible extends Error {}

function changed(current, change, what) {
  if (!change) return current;
  if (change.factor === null) return change.shift;
  const value = current * change.factor + change.shift;
  if (value > LARGEST) throw new Impossible(`${what} would pass 1e18`);
  return value;
}

const known = (compute) => (a, b) => (a === null || b === null ? null : compute(a, b));
const ARITHMETIC = {
  "+": known((a, b) => a + b),
  "-": known((a, b) => a - b),
  "*": (a, b) => (a === 0 || b === 0 ? 0 : known((x, y) => x * y)(a, b)),
  "/": known((a, b) => (b === 0 ? null : a / b)),
  "^": known(Math.pow),
  series: (first, ratio) => {
    if (first === null || first === 0 || ratio === null) return first === 0 ? 0 : null;
    if (ratio >= 1) throw new Impossible("the referral grows without bound");
    return first / (1 - ratio);
  },
};

/** The value of any figure, ["metric", index], after changes: a map of figures to {factor, shift, what}. */
function projection(model, changes) {
  const found = new Map();
  const recorded = (figure) => model.recorded[figure.join(" ")] ?? null;
  const sets = (figure) => changes.get(figure.join(" "))?.factor === null;
  const after = (figure, value) => {
    const change = changes.get(figure.join(" "));
    return value === null && !sets(figure) ? null : changed(value, change, change?.what);
  };
  const isStated = (figure) => {
    const rule = model.rules[figure.join(" ")];
    if (rule === undefined) return recorded(figure) !== null;
    return rule[0] !== "given" || rule[1].slice(1).some(isStated);
  };
  const SPECIAL = {
    recorded: (figure) => recorded(figure),
    changed: (figure, part) => after(figure, value(part)),
    scaled: (figure, part) => (sets(figure) ? 0 : ARITHMETIC["*"](value(part), changes.get(figure.join(" "))?.factor ?? 1)),
    "unless set": (figure, part, other) => value(sets(figure) ? other : part),
    or: (figure, other) => value(isStated(figure) ? figure : other),
    given: (part, ...figures) => (figures.some(isStated) ? value(part) : null),
    "while empty": (part, ...counts) => (counts.every((count) => value(count) === 0) ? value(part) : null),
    known: (figure, part, other) => value(value(figure) === null ? other : part),
  };
  function value(expression) {
    if (!Array.isArray(expression)) return expression;
    const [operator, parts] = expression;
    if (Array.isArray(parts)) {
      return operator in ARITHMETIC ? ARITHMETIC[operator](...parts.map(value)) : SPECIAL[operator](...parts);
    }
    const key = expression.join(" ");
    if (!found.has(key)) {
      const rule = model.rules[key];
      found.set(key, rule === undefined ? after(expression, recorded(expression)) : value(rule));
    }
    return found.get(key);
  }
  return value;
}

/** All figures after the changes. */
function project(model, changes) {
  const value = projection(model, changes);
  model.stages.forEach(({ name, growth }, index) => {
    if (changes.has(`conversion ${index}`) && !growth && value(["conversion", index]) > 1) {
      throw new Impossible(`the conversion to ${name} would be above 100%`);
    }
  });
  const counts = model.stages.map(({ name }, index) => {
    const count = value(["count", index]);
    if (count > LARGEST) throw new Impossible(`${index ? `count@${name}` : "entries"} would pass 1e18`);
    return count;
  });
  if (counts[model.sale] === null) {
    const lost = counts.indexOf(null);
    throw new Impossible(`no conversion is known to ${model.stages[lost].name}: the stage before it is empty`);
  }
  const results = ["overall_conversion", "revenue", "variable_cost", "budget", "profit"];
  const figures = Object.fromEntries(results.map((metric) => [metric, value([metric, 0])]));
  return { count: counts, sales: counts[model.sale], ...figures };
}

// text

function fixed(value, decimals) {
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const TEXTS = {
  count: (value) => fixed(value, Math.abs(value) >= 100 || Math.abs(value - Math.round(value)) < 1e-9 ? 0 : 1),
  money: (value, decimals) => {
    const noise = (places) => Math.abs(value * 10 ** places - Math.round(value * 10 ** places)) < 1e-9;
    if (noise(0)) return fixed(Math.round(value) + 0, 0);
    if (Math.abs(value) >= 10000) return fixed(value, 0);
    if (Math.abs(value) >= 1000 && Math.abs(value - Math.round(value)) * 2 * 10 ** decimals < 1) return fixed(value, 0);
    let places = decimals; // more below 1, where fewer would show little of it
    while (Math.abs(value) < 1 && Math.abs(value) * 10 ** places < 100 && !noise(places) && places < 12) places++;
    return fixed(value, Math.abs(value).toFixed(places) >= 1 ? decimals : places);
  },
  rate: (value) => {
    const percent = Math.abs(value * 100);
    if (percent >= 1 || percent === 0) return `${fixed(value * 100, percent >= 10 ? 1 : 2)}%`;
    return `${(value * 100).toLocaleString("en-US", { maximumSignificantDigits: 3 })}%`;
  },
};

function shown(value, kind, decimals) {
  return value === null ? "n/a" : TEXTS[kind](value, decimals).replace("-0.0%", "0.0%");
}

/** A change in %, without trailing zeros. */
function changeOf(share) {
  const text = shown(share, "rate");
  return signed(text.includes(".") ? text.replace(/\.?0+%$/, "%") : text);
}

function signed(text) {
  return /^[-0.,%]*$/.test(text) || text.startsWith("-") ? text : `+${text}`;
}

/** A number without an exponent and without noise behind the twelfth decimal. */
function plain(value) {
  return value.toFixed(12).replace(/\.?0+$/, "");
}

function shellQuoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

// the panel

const PRESS = "aria-pressed";

function panel(section) {
  const model = JSON.parse(section.querySelector("script").textContent);
  const levers = [...section.querySelectorAll(".lever")];
  const presets = [...section.querySelectorAll("[data-scenario]")];
  const changes = new Map(); // by figure: {factor, shift, what, texts}, as --set has them
  const own = new Map(); // by selector: what was moved since the scenario was chosen
  const before = project(model, new Map());
  let scenario = "";
  const find = (name) => section.querySelector(name);

  /** A lever as it is after the changes. */
  function show(lever) {
    const { selector, key, kind, start } = lever.dataset;
    const change = changes.get(key) ?? null;
    const scale = kind === "rate" ? 100 : 1;
    const value = change === null ? start / scale : changed(start / scale, change, selector);
    const percent = (value * scale) / start - 1;
    const figure = shown(value, kind, model.decimals);
    const said = change === null ? "as it is" : `${figure} (${changeOf(percent)})`;
    const [range, exact] = lever.querySelectorAll("input");
    lever.querySelector("output").textContent = said;
    lever.classList.toggle("moved", change !== null);
    range.setAttribute("aria-valuetext", change === null ? `${figure}, as it is` : said);
    if (document.activeElement !== range) range.value = Math.round(percent * 100);
    if (document.activeElement !== exact) exact.value = plain(Number((value * scale).toPrecision(6)));
  }

  /** A lever moved by hand; without a change it is as it was. */
  function move(lever, change, text) {
    const { selector, key } = lever.dataset;
    if (change === null) changes.delete(key);
    else changes.set(key, { ...change, what: selector, texts: [text] });
    if (change === null && !scenario) own.delete(selector);
    else own.set(selector, text || "+0%");
    show(lever);
  }

  function slide(lever, percent) {
    move(lever, percent ? { factor: 1 + percent / 100, shift: 0 } : null, percent ? `${percent > 0 ? "+" : ""}${percent}%` : "");
  }

  function enter(lever, typed) {
    const { kind, start } = lever.dataset;
    const same = typed === Number(plain(Number(Number(start).toPrecision(6))));
    const amount = kind === "rate" ? typed / 100 : typed;
    move(lever, same ? null : { factor: null, shift: amount }, same ? "" : plain(typed) + (kind === "rate" ? "%" : ""));
  }

  /** All as it is, or as a scenario of the file has it. */
  function choose(name) {
    const found = model.scenarios.find((each) => each.name === name);
    changes.clear();
    own.clear();
    scenario = found ? name : "";
    for (const { key, selector, factor, shift, texts } of found?.changes ?? []) {
      changes.set(key, { factor, shift, what: selector, texts });
    }
    levers.forEach(show);
  }

  /** What was chosen and moved, as the address has it. */
  function address() {
    const said = new URLSearchParams(own);
    if (scenario) said.set("scenario", scenario);
    return changes.size || scenario ? `#${section.id}&${said}` : "";
  }

  /** What the address says of this panel, if anything. */
  function follow() {
    const [id, ...rest] = location.hash.slice(1).split("&");
    if (id !== section.id || !rest.length) return false;
    const said = new URLSearchParams(rest.join("&"));
    choose(said.get("scenario") ?? "");
    for (const [selector, text] of said) {
      const lever = levers.find((each) => each.dataset.selector === selector);
      const [, sign, number] = /^([+-]?)(\d+(?:\.\d+)?)%?$/.exec(text) ?? [];
      if (!lever || number === undefined) continue;
      if (sign) slide(lever, Math.max(Number(sign + number), -100));
      else enter(lever, Number(number));
    }
    draw();
    section.scrollIntoView();
    return true;
  }

  function bars(after) {
    const most = Math.max(...before.count, ...(after?.count ?? []), 0);
    for (const track of section.querySelectorAll(".shape [data-stage]")) {
      const [was, is] = track.children;
      const length = (figures) => (most && figures ? (figures.count[track.dataset.stage] / most) * 100 : 0);
      for (const [bar, figures] of [[was, before], [is, after]]) {
        bar.style.width = length(figures) ? `max(1px, ${length(figures)}%)` : "0";
        bar.hidden = !length(figures); // what is empty has no border either
      }
    }
  }

  function draw() {
    let after = null;
    let problem = "";
    try {
      after = project(model, changes);
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
      problem = error.message;
    }
    for (const row of section.querySelectorAll("tr[data-figure]")) {
      const { figure, stage, kind } = row.dataset;
      const pick = (figures) => (stage === "" ? figures[figure] : figures[figure][stage]);
      const [then, change] = row.querySelectorAll(".then, .change");
      const [old, now] = [pick(before), after === null ? null : pick(after)];
      then.textContent = shown(now, kind, model.decimals);
      then.dataset.value = now;
      const share = now === null || !changes.size || old <= 0 ? null : now / old - 1;
      change.textContent = share === null ? "" : changeOf(share);
    }
    bars(after);
    const said = [...changes.values()].flatMap(({ what, texts }) => texts.map((text) => [what, text]));
    const quoted = said.map(([what, text]) => `--set ${shellQuoted(`${what}=${text}`)}`);
    find(".set").value = quoted.join(" ");
    const keys = said.map(([what, text]) => `    ${JSON.stringify(what)}: ${text}\n`);
    find(".yaml").value = `scenarios:\n  What if:\n${keys.join("")}`;
    find(".copies").hidden = !changes.size || problem !== "";
    const moved = new Set(levers.map((lever) => lever.dataset.key));
    const others = [...changes].filter(([key]) => !moved.has(key)).map(([, { what, texts }]) => `${what} ${texts.join(", ")}`);
    find(".others").textContent = others.length ? `And: ${others.join("; ")}.` : "";
    for (const preset of presets) {
      const pressed = preset.dataset.scenario ? preset.dataset.scenario === scenario && !own.size : !changes.size;
      preset.setAttribute(PRESS, pressed);
    }
    if (location.hash !== address()) {
      const inside = location.hash.startsWith(`#${section.id}`);
      if (address() || inside) history.replaceState(null, "", address() || location.pathname + location.search);
    }
    find(".link").value = location.href;
    const money = after && after.revenue !== null ? `, revenue ${shown(after.revenue, "money", model.decimals)}` : "";
    find(".said").textContent = problem
      ? `Impossible: ${problem}.`
      : changes.size ? `Then: sales ${shown(after.sales, "count")}${money}.` : "";
    find(".said").classList.toggle("warning", problem !== "");
  }

  for (const lever of levers) {
    const [range, exact] = lever.querySelectorAll("input");
    range.addEventListener("input", () => {
      slide(lever, Number(range.value));
      draw();
    });
    exact.addEventListener("input", () => {
      const typed = Number(exact.value);
      if (exact.value === "" || !(typed >= 0)) return;
      enter(lever, typed);
      draw();
    });
  }
  for (const preset of presets) {
    preset.addEventListener("click", () => {
      choose(preset.dataset.scenario);
      draw();
    });
  }
  for (const button of section.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const field = find(`.${button.dataset.copy}`);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      find(".said").textContent = "Copied.";
    });
  }
  section.hidden = false;
  choose("");
  if (!follow()) draw();
  addEventListener("hashchange", follow);
}

// contents: closed where they would push the figures down, and what is in sight is told

const contents = document.querySelector(".contents");
const beside = matchMedia("(min-width: 68rem)");
const places = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
const settle = () => (contents.open = beside.matches);
settle();
beside.addEventListener("change", settle);
contents.querySelectorAll("a.live").forEach((link) => (link.hidden = false));
document.querySelectorAll(".what-if").forEach(panel);

const seen = new Set();
const watched = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target.id);
  const now = [...places.keys()].find((id) => seen.has(id));
  for (const [id, link] of places) {
    if (id === now) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
});
document.querySelectorAll(".chapter[id]").forEach((each) => watched.observe(each));

// tables that do not fit: over both columns of the page; on a narrow screen in small letters, or else each row as a card
const boxes = [...document.querySelectorAll(".scroll")];
const narrow = matchMedia("(max-width: 48rem)");
const overflows = (box) => box.scrollWidth > box.clientWidth;

/** Each cell with its heading; roles keep the table a table, whatever it looks like. */
function labelled(box) {
  const lines = (head) => [...head.querySelectorAll("bdi")].map((line) => line.textContent);
  const heads = [...box.querySelectorAll("thead tr > *")].map((head) => lines(head).join(" ") || head.textContent);
  box.querySelector("table").setAttribute("role", "table");
  box.querySelectorAll("thead, tbody").forEach((part) => part.setAttribute("role", "rowgroup"));
  box.querySelectorAll("tr").forEach((row) => row.setAttribute("role", "row"));
  box.querySelectorAll("thead tr > *").forEach((head) => head.setAttribute("role", head.matches("th") ? "columnheader" : "cell"));
  for (const cell of box.querySelectorAll("tbody tr > *")) {
    cell.setAttribute("role", cell.matches("th") ? "rowheader" : "cell");
    cell.dataset.label = heads[cell.cellIndex];
    if (!cell.textContent.trim()) cell.textContent = ""; // what has nothing to say has no heading either
  }
  box.dataset.labelled = "";
}

function fit(box) {
  const looks = narrow.matches ? ["tight", "stacked"] : ["across"];
  box.classList.remove("tight", "stacked", "across");
  for (const look of looks) if (overflows(box)) box.classList.add(look);
  if (box.matches(".stacked:not([data-labelled])")) labelled(box);
  box.tabIndex = overflows(box) ? 0 : -1; // what fits needs no stop of the keyboard
}

const fitAll = () => boxes.filter((box) => box.offsetWidth).forEach(fit);
addEventListener("resize", fitAll);
fitAll();

// what is folded is printed
const folded = [...document.querySelectorAll("main details:not(.copies)")];
addEventListener("beforeprint", () => folded.forEach((each) => (each.open = true)));
folded.forEach((each) => each.addEventListener("toggle", fitAll));
document.querySelectorAll(".what-if .scroll").forEach((box) => {
  const figures = new MutationObserver(() => overflows(box) && fit(box));
  figures.observe(box, { childList: true, subtree: true });
});
