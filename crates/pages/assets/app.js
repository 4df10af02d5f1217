// Progressive enhancement only: every page works without this module, passkeys apart.
// No dependencies, no requests of its own, no markup from text.
document.documentElement.classList.add("js");
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);
const byId = (id) => document.getElementById(id);
const each = (selector, act) => all(selector).forEach((element) => act(element, element.dataset));
// What follows the state of a form runs now, at every change, and when the browser restores a form.
const refreshers = [];
const follow = (act) => refreshers.push(act);
const refresh = () => refreshers.forEach((act) => act());
const make = (tag, properties, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};

// Instants: the reader's zone is shown, the exact instant stays in the title.
const day = { day: "numeric", month: "short", year: "numeric" };
const shapes = { date: day, moment: { ...day, hour: "2-digit", minute: "2-digit", timeZoneName: "short" } };
const dated = (at, shape) => new Intl.DateTimeFormat("en-GB", shape).format(at).replace("Sept", "Sep");
each("time[data-time]", (time, data) => {
  if (shapes[data.time]) time.textContent = dated(new Date(time.dateTime), shapes[data.time]);
});

// Copying. Without the clipboard's permission the text is at least selected, for the keyboard.
each("[data-copy]", (button, data) => {
  const label = one("span", button);
  const before = label.textContent;
  const heard = make("span", { className: "unseen", role: "status" });
  button.after(heard);
  button.addEventListener("click", async () => {
    const source = byId(data.copy);
    const done = await navigator.clipboard?.writeText(source.textContent).then(() => true, () => false);
    if (!done) getSelection().selectAllChildren(source);
    label.textContent = heard.textContent = done ? "Copied" : "Selected";
    setTimeout(() => { label.textContent = before; heard.textContent = ""; }, 2500);
  });
});

// Filtering of what is in the page. What is ticked stays in sight.
each("[data-filter]", (input, data) => {
  const list = byId(data.filter);
  if (!list) return;
  const items = all("[data-item]", list).map((item) => {
    const words = all("label, .hint, bdi", item).map((part) => part.textContent);
    return [item, [...words, item.dataset.words].join(" ").toLowerCase()];
  });
  const groups = all("[data-group]", list).map((group) => [group, group.open]);
  const nothing = one("[data-nothing]", list);
  const found = one("[data-found]", input.parentElement);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [item, text] of items) {
      item.hidden = !words.every((word) => text.includes(word)) && !one("input:checked", item);
      if (!item.hidden) count += 1;
    }
    for (const [group, open] of groups) {
      group.hidden = words.length > 0 && !one("[data-item]:not([hidden])", group);
      group.open = words.length > 0 || open;
    }
    if (nothing) nothing.hidden = count > 0;
    if (found) found.textContent = words.length ? `${count} of ${items.length} shown` : "";
  });
  // Enter would submit the form around.
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
});

// Characters left; heard only when it begins to matter.
each("[data-count]", (input, data) => {
  const left = make("p", { className: "left" });
  input.after(left);
  follow(() => {
    const rest = data.count - [...input.value].length;
    left.textContent = rest < 0 ? `${-rest} characters too many` : `${rest} characters left`;
    left.classList.toggle("over", rest < 0);
    if (rest < 20) left.role = "status";
  });
});

// Parts of a form that matter only for one answer.
each("[data-when]", (part, data) => {
  const [name, wanted] = data.when.split("=");
  const fields = all(`[name="${CSS.escape(name)}"]`, part.closest("form"));
  follow(() => {
    part.hidden = !fields.some((field) => field.value === wanted && (field.checked || !/radio|checkbox/.test(field.type)));
  });
});

// The end of a token: presets and calendar in step.
each("[data-expiry]", (part) => {
  const preset = one("select", part);
  const date = one("input", part);
  const step = () => {
    if (preset.value !== "custom") date.value = preset.selectedOptions[0]?.dataset.date || "";
  };
  preset.addEventListener("change", step);
  date.addEventListener("change", () => { if (date.value) preset.value = "custom"; });
  step();
});

// Lists to select from.
const ticked = (boxes) => boxes.filter((box) => box.checked).length;
each("[data-bulk]", (form) => {
  const every = one("[data-all]", form);
  const boxes = all(".pick input", form);
  // Before the window hears of it and counts.
  every.addEventListener("input", () => boxes.forEach((box) => { box.checked = every.checked; }));
  follow(() => {
    const count = ticked(boxes);
    every.checked = count > 0 && count === boxes.length;
    every.indeterminate = count > 0 && count < boxes.length;
    one("[data-selected]", form).textContent = `${count || "None"} selected`;
    all(".bulk-bar .button", form).forEach((button) => { button.disabled = !count; });
  });
});
each("[data-picker]", (picker, data) => {
  const boxes = all("[data-repository]", picker);
  const told = one("[data-picked]", picker);
  follow(() => {
    const count = ticked(boxes);
    told.textContent = data.max ? `${count} of at most ${data.max} selected` : `${count} selected`;
    told.classList.toggle("over", data.max > 0 && count > data.max);
  });
});

// Permissions: how many are chosen, and which of them are dangerous.
const ranks = ["none", "read", "write", "admin"];
const free = (menu) => !("mandatory" in menu.dataset);
const risk = (menu) => one("[data-risk]", menu.closest("[data-item]"));
const risky = ({ value, dataset: { danger } }) => Boolean(danger) && ranks.indexOf(value) >= ranks.indexOf(danger);
each("[data-group]", (group) => {
  const menus = all("[data-noun]", group);
  follow(() => {
    menus.filter(risk).forEach((menu) => { risk(menu).hidden = !risky(menu); });
    const count = menus.filter((menu) => menu.value !== "none" && free(menu)).length;
    one("[data-chosen]", group).textContent = count ? `${count} chosen` : "";
  });
});

// What the token will be able to do. The same rules as `look::summary`, which writes it first.
const joined = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const verbs = { read: "read", write: "read and write", admin: "administer" };
const place = (kind, owner, reach, names) => {
  if (kind === "account") return "your account";
  if (kind !== "repository") return `the ${kind} ${owner}`;
  if (reach === "none") return "public repositories";
  if (reach === "all") return `all repositories of ${owner}`;
  if (!names.length) return "no repository yet";
  return names.length <= 3 ? joined(names) : `${names.length} repositories of ${owner}`;
};
const sentence = (owner, reach, names, menus) => {
  const clauses = [];
  for (const kind of ["repository", "organization", "account", "enterprise"]) {
    const parts = [];
    for (const level of Object.keys(verbs)) {
      const held = menus.filter((menu) => menu.dataset.kind === kind && menu.value === level && free(menu));
      if (held.length) parts.push(`${verbs[level]} ${joined(held.map((menu) => menu.dataset.noun))}`);
    }
    if (parts.length) clauses.push(`${parts.join(", ")} of ${place(kind, owner, reach, names)}`);
  }
  if (!clauses.length) return owner ? `Nothing of ${owner} beyond what is public.` : "Read public resources; nothing else.";
  const text = clauses.join("; ");
  return `${text[0].toUpperCase()}${text.slice(1)}; nothing else.`;
};
// Replaced only when it differs: a live region that is rewritten is read out again.
const fill = (list, lines) => {
  const items = lines.map((nodes) => make("li", {}, ...nodes));
  const text = (parts) => parts.map((part) => part.textContent).join("\n");
  if (text(items) !== text(all("li", list))) list.replaceChildren(...items);
  list.hidden = !lines.length;
};
each("[data-summary]", (box, data) => {
  const form = byId(data.summary);
  if (!form) return;
  const blocks = all("[data-grant]", form);
  const owners = all("[data-owner]", form);
  const menus = all("[data-noun]", form);
  const shared = menus.filter((menu) => !menu.closest("[data-grant]"));
  const grant = (block, owner) => {
    const own = menus.filter((menu) => block.contains(menu));
    const names = all("[data-repository]:checked", block).map((ticked) => ticked.dataset.repository);
    return sentence(owner, one("[data-reach]:checked", block)?.dataset.reach || "none", names, own.length ? own : shared);
  };
  follow(() => {
    const chosen = owners.filter((owner) => owner.checked).map((owner) => owner.dataset.owner);
    blocks.forEach((block) => { block.hidden = owners.length > 0 && !chosen.includes(block.dataset.grant); });
    const lines = blocks.length
      ? blocks.filter((block) => !block.hidden).map((block) => grant(block, block.dataset.grant))
      : (owners.length ? chosen : [""]).map((owner) => grant(form, owner));
    fill(one("[data-sentences]", box), (lines.length ? lines : [sentence("", "", [], [])]).map((line) => [make("bdi", {}, line)]));
    const dangers = menus.filter((menu) => lines.length && risky(menu) && !menu.closest("[data-grant][hidden]"));
    fill(one("[data-dangers]", box), dangers.map((menu) => risk(menu).cloneNode(true).childNodes));
    const preset = one("[data-expiry] select", form);
    const end = one("[data-expiry] input", form)?.value;
    if (preset) {
      one("[data-until]", box).textContent = preset.value === "none" ? "Never expires."
        : end ? `Ends on ${dated(new Date(end), { ...day, timeZone: "UTC" })}.` : "";
    }
  });
});

// Typed confirmation frees the button; the server compares again.
each("[data-confirm]", (part, data) => follow(() => {
  one("button", part).disabled = one("input", part).value.trim() !== data.confirm;
}));

// Passkeys: the authenticator's answer goes into the form, the form to the server.
const problems = {
  NotAllowedError: "Nothing was confirmed: it was cancelled or took too long. Try again.",
  InvalidStateError: "This passkey is registered already.",
};
each("[data-passkey]", (button, data) => button.addEventListener("click", async () => {
  const form = button.closest("form");
  const error = one("[data-passkey-error]", form);
  error.hidden = button.disabled = true;
  try {
    const read = { create: "parseCreationOptionsFromJSON", get: "parseRequestOptionsFromJSON" }[data.passkey];
    const options = JSON.parse(data.options);
    const publicKey = PublicKeyCredential[read](options.publicKey || options);
    const credential = await navigator.credentials[data.passkey]({ publicKey });
    one("[name=credential]", form).value = JSON.stringify(credential);
    form.submit();
  } catch (problem) {
    error.textContent = problems[problem.name] || "This browser could not use a passkey here. Use another way to go on.";
    error.hidden = button.disabled = false;
  }
}));

// Menus close as people expect.
addEventListener("click", (event) => each("[data-menu][open]", (menu) => { menu.open = menu.contains(event.target); }));
addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && one("[data-menu][open]");
  if (menu) { menu.open = false; one("summary", menu).focus(); }
});

// Where we are comes into sight in rows that scroll.
each(".side-groups [aria-current], .tabs [aria-current]", (link) => {
  const row = link.closest(".side-groups, .tabs");
  row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
});

// A change bubbles here after the parts above have answered it.
for (const happening of ["input", "change", "pageshow"]) addEventListener(happening, refresh);
refresh();
one("[data-focus]")?.focus();
