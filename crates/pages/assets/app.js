// Progressive enhancement only: every page works without this file, passkeys apart.
// No dependencies, no requests of its own, no markup from text.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const each = (selector, act) => all(selector).forEach((element) => act(element));
  // What follows the state of a form runs now, at every change, and when the browser restores a form.
  const refreshers = [];
  const refresh = () => refreshers.forEach((act) => act());

  // Instants: the reader's zone is shown, the exact instant stays in the title.
  const day = { day: "numeric", month: "short", year: "numeric" };
  const told = (at, shape) => new Intl.DateTimeFormat("en-GB", shape).format(at).replace("Sept", "Sep");
  const shapes = { date: day, moment: { ...day, hour: "2-digit", minute: "2-digit", timeZoneName: "short" } };
  each("time[data-time]", (time) => {
    const shape = shapes[time.dataset.time];
    const at = new Date(time.dateTime);
    if (shape && !Number.isNaN(at.getTime())) time.textContent = told(at, shape);
  });

  // Copying.
  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  each("[data-copy]", (button) => {
    const label = one("[data-copied]", button);
    const before = label.textContent;
    const told = document.createElement("span");
    told.className = "unseen";
    told.setAttribute("role", "status");
    button.after(told);
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      let done = true;
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        // Without the clipboard's permission the text is at least selected for the keyboard.
        select(source);
        done = document.execCommand("copy");
      }
      label.textContent = told.textContent = done ? label.dataset.copied : "Selected";
      setTimeout(() => { label.textContent = before; told.textContent = ""; }, 2500);
    });
  });

  // Filtering of what is in the page.
  each("[data-filter]", (input) => {
    const list = document.getElementById(input.dataset.filter);
    if (!list) return;
    const items = all("[data-item]", list).map((item) => {
      // Only what describes the item: not the levels of its menu.
      const words = all("label, .hint, bdi", item).map((part) => part.textContent).concat(item.dataset.words || "");
      return [item, words.join(" ").toLowerCase()];
    });
    const groups = all("[data-group]", list);
    const open = new Map();
    const nothing = one("[data-nothing]", list);
    const found = one("[data-found]", input.parentElement);
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const [item, text] of items) {
        // What is ticked stays in sight.
        const shown = words.every((word) => text.includes(word)) || Boolean(one("input:checked", item));
        item.hidden = !shown;
        if (shown) count += 1;
      }
      for (const group of groups) {
        if (words.length && !open.has(group)) open.set(group, group.open);
        group.hidden = words.length > 0 && !one("[data-item]:not([hidden])", group);
        if (words.length) group.open = true;
        else if (open.has(group)) { group.open = open.get(group); open.delete(group); }
      }
      if (nothing) nothing.hidden = count > 0;
      if (found) found.textContent = words.length ? `${count} of ${items.length} shown` : "";
    };
    input.addEventListener("input", filter);
    // Enter would submit the form around.
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  });

  // Characters left.
  each("[data-count]", (input) => {
    const most = Number(input.dataset.count);
    const left = document.createElement("p");
    left.className = "left";
    input.after(left);
    refreshers.push(() => {
      const rest = most - [...input.value].length;
      left.textContent = rest < 0 ? `${-rest} characters too many` : `${rest} characters left`;
      left.classList.toggle("over", rest < 0);
      // Heard only when it begins to matter.
      if (rest < 20) left.setAttribute("role", "status");
    });
  });

  // Parts of a form that matter only for one answer.
  each("[data-when]", (part) => {
    const [name, wanted] = part.dataset.when.split("=");
    const form = part.closest("form");
    refreshers.push(() => {
      part.hidden = !all(`[name="${CSS.escape(name)}"]`, form).some((field) =>
        field.value === wanted && (!["radio", "checkbox"].includes(field.type) || field.checked));
    });
  });

  // The end of a token: presets and calendar in step.
  each("[data-expiry]", (part) => {
    const preset = one("[data-expiry-preset]", part);
    const date = one("input[type=date]", part);
    const follow = () => {
      const chosen = preset.selectedOptions[0];
      if (chosen && chosen.value !== "custom") date.value = chosen.dataset.date || "";
    };
    preset.addEventListener("change", () => { follow(); refresh(); });
    date.addEventListener("change", () => {
      if (date.value) preset.value = "custom";
      refresh();
    });
    follow();
  });

  // Lists to select from.
  each("[data-bulk]", (form) => {
    const every = one("[data-all]", form);
    const boxes = all(".pick input", form);
    const told = one("[data-selected]", form);
    const buttons = all(".bulk-bar .button", form);
    every.addEventListener("change", () => {
      boxes.forEach((box) => { box.checked = every.checked; });
      refresh();
    });
    refreshers.push(() => {
      const count = boxes.filter((box) => box.checked).length;
      every.checked = count > 0 && count === boxes.length;
      every.indeterminate = count > 0 && count < boxes.length;
      told.textContent = count ? `${count} selected` : "None selected";
      buttons.forEach((button) => { button.disabled = count === 0; });
    });
  });
  each("[data-picker]", (picker) => {
    const boxes = all("[data-repository]", picker);
    const told = one("[data-picked]", picker);
    refreshers.push(() => {
      const count = boxes.filter((box) => box.checked).length;
      const most = Number(picker.dataset.max || 0);
      told.textContent = most ? `${count} of at most ${most} selected` : `${count} selected`;
      told.parentElement.classList.toggle("over", most > 0 && count > most);
    });
  });

  // Permissions: how many are chosen, and which of them are dangerous.
  const ranks = ["none", "read", "write", "admin"];
  const risky = (menu) => Boolean(menu.dataset.danger) && ranks.indexOf(menu.value) >= ranks.indexOf(menu.dataset.danger);
  each("[data-group]", (group) => {
    const told = one("[data-chosen]", group);
    if (told) refreshers.push(() => {
      const menus = all("[data-noun]", group);
      menus.forEach((menu) => {
        const risk = one("[data-risk]", menu.closest("[data-item]"));
        if (risk) risk.hidden = !risky(menu);
      });
      const count = menus.filter((menu) => menu.value !== "none" && !("mandatory" in menu.dataset)).length;
      told.textContent = count ? `${count} chosen` : "";
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
      for (const level of ["read", "write", "admin"]) {
        const nouns = menus.filter((menu) => menu.dataset.kind === kind && menu.value === level
          && !("mandatory" in menu.dataset)).map((menu) => menu.dataset.noun);
        if (nouns.length) parts.push(`${verbs[level]} ${joined(nouns)}`);
      }
      if (parts.length) clauses.push(`${parts.join(", ")} of ${place(kind, owner, reach, names)}`);
    }
    if (!clauses.length) return owner ? `Nothing of ${owner} beyond what is public.` : "Read public resources; nothing else.";
    const text = clauses.join("; ");
    return `${text[0].toUpperCase()}${text.slice(1)}; nothing else.`;
  };
  const item = (text, tag) => {
    const line = document.createElement("li");
    const inner = document.createElement(tag);
    inner.textContent = text;
    line.append(inner);
    return line;
  };
  // Replaced only when it differs: a live region that is rewritten is read out again.
  const fill = (list, lines, tag) => {
    const now = all("li", list).map((line) => line.textContent);
    if (now.join("\n") !== lines.join("\n")) list.replaceChildren(...lines.map((line) => item(line, tag)));
  };
  each("[data-summary]", (box) => {
    const form = document.getElementById(box.dataset.summary);
    if (!form) return;
    const blocks = all("[data-grant]", form);
    const shared = all("[data-noun]", form).filter((menu) => !menu.closest("[data-grant]"));
    const grant = (block, owner) => {
      const own = all("[data-noun]", block);
      const reach = one("[data-reach]:checked", block);
      const names = all("[data-repository]:checked", block).map((box) => box.dataset.repository);
      return sentence(owner, reach ? reach.dataset.reach : "none", names, own.length ? own : shared);
    };
    refreshers.push(() => {
      const owners = all("[data-owner]", form);
      const chosen = owners.filter((owner) => owner.checked).map((owner) => owner.dataset.owner);
      blocks.forEach((block) => { if (owners.length) block.hidden = !chosen.includes(block.dataset.grant); });
      const shown = blocks.filter((block) => !block.hidden);
      const lines = shown.map((block) => grant(block, block.dataset.grant));
      if (!blocks.length) lines.push(...(chosen.length ? chosen : [""]).map((owner) => grant(form, owner)));
      fill(one("[data-sentences]", box), lines.length ? lines : [sentence("", "none", [], [])], "bdi");

      const preset = one("[data-expiry-preset]", form);
      const date = one("[data-expiry] input[type=date]", form);
      if (preset && date) {
        const end = date.value && told(new Date(date.value), { ...day, timeZone: "UTC" });
        one("[data-until]", box).textContent = preset.value === "none" ? "Never expires." : end ? `Ends on ${end}.` : "";
      }
      const dangers = all("[data-noun]", form).filter((menu) => risky(menu) && !menu.closest("[data-grant][hidden]"))
        .map((menu) => one("[data-risk] span", menu.closest("[data-item]")).textContent);
      const list = one("[data-dangers]", box);
      fill(list, [...new Set(dangers)], "span");
      list.hidden = !dangers.length;
    });
  });

  // Typed confirmation frees the button; the server compares again.
  each("[data-confirm]", (part) => {
    const input = one("input", part);
    const button = one("button", part);
    refreshers.push(() => { button.disabled = input.value.trim() !== part.dataset.confirm; });
  });

  // Passkeys: the authenticator's answer goes into the form, the form to the server.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const decoded = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of [options.excludeCredentials, options.allowCredentials]) {
      (list || []).forEach((known) => { known.id = bytes(known.id); });
    }
    return options;
  };
  const encoded = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    const extensions = credential.getClientExtensionResults();
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: text(credential.rawId), type, response, extensions, clientExtensionResults: extensions });
  };
  each("[data-passkey]", (button) => button.addEventListener("click", async () => {
    const form = button.closest("form");
    const error = one("[data-passkey-error]", form);
    error.hidden = true;
    button.disabled = true;
    try {
      const options = JSON.parse(button.dataset.options);
      const publicKey = decoded(options.publicKey || options);
      const credential = await navigator.credentials[button.dataset.passkey]({ publicKey });
      one("[name=credential]", form).value = encoded(credential);
      form.submit();
    } catch (problem) {
      error.textContent = problem.name === "NotAllowedError"
        ? "Nothing was confirmed: it was cancelled or took too long. Try again."
        : problem.name === "InvalidStateError" ? "This passkey is registered already."
          : "This browser could not use a passkey here. Use another way to go on.";
      error.hidden = false;
      button.disabled = false;
    }
  }));

  // Menus close as people expect.
  const closeMenus = (but) => each("[data-menu][open]", (menu) => { if (menu !== but) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("[data-menu]")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && one("[data-menu][open]");
    if (menu) { menu.open = false; one("summary", menu).focus(); }
  });

  // Where we are comes into sight in rows that scroll.
  each(".side-groups [aria-current], .tabs [aria-current]", (link) => {
    const row = link.closest(".side-groups, .tabs");
    row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
  });

  document.addEventListener("input", refresh);
  document.addEventListener("change", refresh);
  addEventListener("pageshow", refresh);
  refresh();
  const errors = one("[data-focus]");
  if (errors) errors.focus();
})();
