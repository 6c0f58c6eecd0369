"use strict";
// What-if panel: the rules of `funnelcli scenario` (analyses/projection.py), in floating point.

const LARGEST = 1e18;

class Impossible extends Error {}

function changed(current, change, what) {
  if (!change) return current;
  if (change.factor === null) return change.shift;
  const value = current * change.factor + change.shift;
  if (value > LARGEST) throw new Impossible(`${what} would pass 1e18`);
  return value;
}

/** Units that come from the stages above, null where nothing tells it; past empty stages as `_arriving` has it. */
function arriving(model, counts, index, rate) {
  const stage = model.stages[index];
  if (rate === 0) return 0;
  const origin = rate === null ? stage.origin : stage.parent;
  let at = stage.parent;
  while (at !== null && at !== origin) {
    if (counts[at] !== 0) return null;
    at = model.stages[at].parent;
  }
  if (at === null) return stage.count;
  const each = rate === null ? stage.of_origin : rate;
  if (counts[at] === null || (each === null && counts[at])) return null;
  return counts[at] * (each || 0);
}

/** Counts that follow from the changes; `referred` is how many units come to the target of the referral. */
function flow(model, changes, conversions, spend, referred) {
  const counts = [];
  model.stages.forEach((stage, index) => {
    let count = stage.parent === null ? stage.count * spend : arriving(model, counts, index, conversions[index]);
    const entries = index === 0 ? changes.get("entries") : undefined;
    // entries that are set are those of all units; other changes are of those who come without a referral
    const here = referred !== null && model.referral.target === index && !(entries && entries.factor === null);
    if (here && count !== null) count *= model.referral.others;
    count = changed(count, entries, "entries");
    if (here && count !== null) count = referred === null ? null : count + referred;
    if (count > LARGEST) throw new Impossible(`${index ? `count@${stage.name}` : "entries"} would pass 1e18`);
    counts.push(count);
  });
  return counts;
}

/** All figures after the changes, a map from selectors to {factor, shift}; without a factor the shift is set. */
function project(model, changes) {
  const paid = model.stages.filter((stage) => stage.check !== null).length;
  const conversions = model.stages.map((stage, index) => {
    const what = `conversion@${stage.name}`;
    const rate = changed(stage.conversion, changes.get(what), what);
    if (index && changes.has(what) && !stage.growth && rate > 1) {
      throw new Impossible(`the conversion to ${stage.name} would be above 100%`);
    }
    return rate;
  });
  const checks = model.stages.map((stage) => {
    if (stage.check === null) return null;
    const what = paid > 1 ? `average_check@${stage.name}` : "average_check";
    return changed(stage.check, changes.get(what), what);
  });
  const budget = changed(model.budget, changes.get("budget"), "budget");
  const spend = changes.has("budget") ? Math.pow(budget / model.budget, model.elasticity) : 1;
  let counts;
  if (model.referral === null) {
    counts = flow(model, changes, conversions, spend, null);
  } else {
    // the counts grow in line with the referred units, so two of them tell how many there will be
    const [none, one] = [0, 1].map((units) => flow(model, changes, conversions, spend, units)[model.referral.source]);
    const growth = model.referral.brings * (one - none);
    if (growth >= 1) throw new Impossible("the referral grows without bound");
    const unknown = none === null || (none && one === null);
    const referred = unknown ? null : none ? (model.referral.brings * none) / (1 - growth) : 0;
    counts = flow(model, changes, conversions, spend, referred);
  }
  // a sum is null where no stage has the money, or where the units of one that has some are unknown
  const sum = (money) => {
    if (counts.some((count, index) => count === null && money[index])) return null;
    return money.every((each) => each === null) ? null : money.reduce((all, each, index) => all + (each || 0) * counts[index], 0);
  };
  const revenue = sum(checks);
  const costs = sum(model.stages.map((stage) => stage.cost));
  const unknownCosts = counts.some((count, index) => count === null && model.stages[index].cost);
  const sales = counts[model.sale];
  if (sales === null) {
    const lost = counts.indexOf(null);
    throw new Impossible(`no conversion is known to ${model.stages[lost].name}: the stage before it is empty`);
  }
  return {
    count: counts,
    sales,
    overall_conversion: counts[0] ? sales / counts[0] : null,
    revenue,
    variable_cost: costs,
    budget,
    profit: revenue === null || !model.costs || unknownCosts ? null : revenue * model.margin - (costs || 0) - (budget || 0),
  };
}

// text

function fixed(value, decimals) {
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const TEXTS = {
  count: (value) => fixed(value, Math.abs(value) >= 1000 || Math.abs(value - Math.round(value)) < 1e-9 ? 0 : 1),
  money: (value, decimals) => {
    const noise = (places) => Math.abs(value * 10 ** places - Math.round(value * 10 ** places)) < 1e-9;
    if (noise(0)) return fixed(Math.round(value) + 0, 0);
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

function panel(section) {
  const model = JSON.parse(section.querySelector("script").textContent);
  const levers = [...section.querySelectorAll(".lever")];
  const changes = new Map();
  const texts = new Map();
  const find = (name) => section.querySelector(name);

  function note(lever, change, text) {
    const { selector, kind, start } = lever.dataset;
    if (change === null) changes.delete(selector), texts.delete(selector);
    else changes.set(selector, change), texts.set(selector, text);
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

  function draw() {
    let after = null;
    let problem = "";
    const before = project(model, new Map());
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
    const lines = [...texts].map(([selector, text]) => `--set ${shellQuoted(`${selector}=${text}`)}`);
    find(".set").value = lines.join(" ");
    const keys = [...texts].map(([selector, text]) => `    ${JSON.stringify(selector)}: ${text}\n`);
    find(".yaml").value = `scenarios:\n  What if:\n${keys.join("")}`;
    find(".copies").hidden = !changes.size || problem !== "";
    const money = after && after.revenue !== null ? `, revenue ${shown(after.revenue, "money", model.decimals)}` : "";
    find(".said").textContent = problem
      ? `Impossible: ${problem}.`
      : changes.size ? `Then: sales ${shown(after.sales, "count")}${money}.` : "";
    find(".said").classList.toggle("warning", problem !== "");
  }

  for (const lever of levers) {
    const [range, exact] = lever.querySelectorAll("input");
    const { kind, start } = lever.dataset;
    range.addEventListener("input", () => {
      const percent = Number(range.value);
      note(lever, percent ? { factor: 1 + percent / 100, shift: 0 } : null, `${percent > 0 ? "+" : ""}${percent}%`);
      draw();
    });
    exact.addEventListener("input", () => {
      const typed = Number(exact.value);
      if (exact.value === "" || !(typed >= 0)) return;
      const same = typed === Number(plain(Number(Number(start).toPrecision(6))));
      const amount = kind === "rate" ? typed / 100 : typed;
      note(lever, same ? null : { factor: null, shift: amount }, plain(typed) + (kind === "rate" ? "%" : ""));
      draw();
    });
    note(lever, null, "");
  }
  find(".reset").addEventListener("click", () => {
    levers.forEach((lever) => note(lever, null, ""));
    draw();
  });
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
  draw();
  section.hidden = false;
}

document.querySelectorAll(".what-if").forEach(panel);

// tables that fit need no stop of the keyboard; what is folded is printed
const boxes = [...document.querySelectorAll(".scroll")];
const stops = () => boxes.forEach((box) => (box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1));
addEventListener("resize", stops);
stops();
const folded = [...document.querySelectorAll("details")];
addEventListener("beforeprint", () => folded.forEach((each) => (each.open = true)));
folded.forEach((each) => each.addEventListener("toggle", stops));
