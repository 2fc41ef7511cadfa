"use strict";
// Every text of the data is shown by `textContent`; nothing of it is ever parsed as HTML.
(() => {
  const WORDS = {
    item: ["to create", "将创建"], unfit: ["unfit", "不合格"], skipped: ["skipped", "跳过"],
    error: ["error", "错误"], warning: ["warning", "警告"], note: ["note", "提示"],
  };
  const byId = (id) => document.getElementById(id);
  const make = (tag, name, ...inside) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...inside);
    return made;
  };
  const say = (en, zh) => {
    const words = document.createDocumentFragment();
    for (const [lang, text] of [["en", en], ["zh", zh]]) {
      const span = make("span", "", text);
      span.lang = lang;
      words.append(span);
    }
    return words;
  };
  const word = (name) => (WORDS[name] ? say(...WORDS[name]) : name);

  // Ten thousand cells are written anew in the other language rather than made in both.
  const inWords = (name) => (WORDS[name] || [name, name])[document.documentElement.lang === "zh" ? 1 : 0];
  const shown = [];

  // A table whose rows open, and whose columns sort.
  const columns = (table, names, sort) => {
    const row = make("tr");
    names.forEach(([en, zh], at) => {
      const button = make("button", "", say(en, zh));
      button.type = "button";
      const head = make("th", "", button);
      head.scope = "col";
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of row.children) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(at, down ? -1 : 1);
      });
      row.append(head);
    });
    table.append(make("thead", "", row), make("tbody"));
    return table.tBodies[0];
  };
  // What buttons open; one listener serves them all.
  const opened = new WeakMap();
  const opens = (text, row) => {
    const button = make("button", "open", text);
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    opened.set(button, row);
    return button;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.open");
    if (!button) return;
    const is = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!is));
    const row = opened.get(button);
    if (is) return row.tr.nextSibling.remove();
    const cell = make("td", "", details(row.details));
    cell.colSpan = row.tr.children.length;
    row.tr.after(make("tr", "details", cell));
  });

  const finding = (it) => {
    const told = make("dd", "", it.message, make("br"), it.at);
    if (it.line) told.append(make("pre", "", it.line));
    if (it.hint) told.append(make("div", "", say("What to do: ", "建议："), it.hint));
    return [make("dt", it.severity, word(it.severity), ` ${it.code}`), told];
  };
  const details = (text) => {
    const it = JSON.parse(text);
    const list = make("dl");
    const add = (en, zh, ...inside) => list.append(make("dt", "", say(en, zh)), make("dd", "", ...inside));
    if (it.operationId) add("operationId", "operationId", it.operationId);
    if (it.reason) add("Skipped because", "跳过原因", it.reason);
    for (const one of it.findings) list.append(...finding(one));
    if (it.request) add("Request", "请求", make("pre", "", JSON.stringify(it.request, null, 2)));
    if (it.from && it.from.length) {
      const from = make("ul");
      for (const [field, origins] of it.from) from.append(make("li", "", make("code", "", field), ": ", origins.join("; ")));
      add("Where each field comes from", "各字段的来源", from);
    }
    return list;
  };

  const operation = (row) => {
    const [outcome, source, method, path, name, service, line, codes] = row.head;
    const tr = make("tr");
    const button = opens(`${method} ${path}`, row);
    const cells = [[inWords(outcome), outcome], [button], [name], [service], [`${source}:${line}`], [codes.join(" ")]];
    for (const [inside, kind] of cells) tr.append(make("td", kind, inside));
    shown.push(row);
    return tr;
  };
  const source = (row) => {
    const [, name, version, title, count, codes] = row.head;
    const tr = make("tr");
    const button = opens(name, row);
    for (const inside of [button, title, version, String(count), codes.join(" ")]) tr.append(make("td", "", inside));
    return tr;
  };

  const choices = (select, values, show) => {
    const all = make("option", "", "—");
    all.value = "";
    select.append(all);
    for (const value of [...new Set(values)].sort()) {
      const option = make("option", "", show ? WORDS[value][0] + " / " + WORDS[value][1] : value);
      option.value = value;
      select.append(option);
    }
  };

  const compare = (a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));
  const sorter = (body, rows, keys) => (at, direction) => {
    rows.sort((a, b) => direction * compare(keys[at](a), keys[at](b)));
    const list = document.createDocumentFragment();
    for (const row of rows) {
      const opened = row.tr.nextSibling;
      list.append(row.tr);
      if (opened && opened.className === "details") list.append(opened);
    }
    body().append(list);
  };

  const show = (rows, documents) => {
    const at = (n) => (row) => row.head[n];
    let body, sources;
    const keys = [at(0), (row) => `${row.head[3]} ${row.head[2]}`, at(4), at(5), (row) => row.head[1] + String(row.head[6]).padStart(9), (row) => row.head[7].join(" ")];
    body = columns(byId("rows"), [["Outcome", "结果"], ["Operation", "操作"], ["Name", "名称"], ["Service", "服务"], ["Source", "来源"], ["Findings", "发现"]], sorter(() => body, rows, keys));
    sources = columns(byId("sources"), [["Source", "来源"], ["Title", "标题"], ["Version", "版本"], ["Operations", "操作"], ["Findings", "发现"]], sorter(() => sources, documents, [at(1), at(3), at(2), at(4), (row) => row.head[5].join(" ")]));
    const all = rows.slice();
    const by = { outcome: 0, service: 5, source: 1 };
    for (const name of Object.keys(by)) choices(byId(`by-${name}`), all.map(at(by[name])), name === "outcome");
    choices(byId("by-finding"), all.flatMap(at(7)));
    const filter = () => {
      const text = byId("search").value.toLowerCase();
      const finding = byId("by-finding").value;
      const wanted = Object.keys(by).map((name) => [by[name], byId(`by-${name}`).value]).filter(([, value]) => value);
      let count = 0;
      for (const row of all) {
        const fits = wanted.every(([n, value]) => row.head[n] === value)
          && (!finding || row.head[7].includes(finding))
          && (!text || (row.text ??= row.head.join(" ").toLowerCase()).includes(text));
        count += fits;
        if (row.tr.hidden === fits) {
          row.tr.hidden = !fits;
          const opened = row.tr.nextSibling;
          if (opened && opened.className === "details") opened.hidden = !fits;
        }
      }
      byId("shown").replaceChildren(say(`${count} of ${all.length} operations`, `${all.length} 个操作中的 ${count} 个`));
    };
    const form = byId("filters");
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const row of documents) sources.append(row.tr = source(row));
    // A screen first, then the rest at once: each piece has the whole table laid out again.
    let next = 0, size = 200;
    const more = () => {
      const list = document.createDocumentFragment();
      for (const end = Math.min(next + size, all.length); next < end; next += 1) list.append(all[next].tr = operation(all[next]));
      body.append(list);
      size = all.length;
      if (next < all.length) return requestAnimationFrame(() => setTimeout(more));
      filter();
      document.documentElement.dataset.ready = "yes";
    };
    more();
  };

  const language = byId("language");
  const speak = (lang) => {
    document.documentElement.lang = lang;
    language.textContent = lang === "zh" ? "English" : "中文";
    language.lang = lang === "zh" ? "en" : "zh";
    for (const row of shown) row.tr.cells[0].textContent = inWords(row.head[0]);
  };
  language.addEventListener("click", () => speak(document.documentElement.lang === "zh" ? "en" : "zh"));
  speak(navigator.language.startsWith("zh") ? "zh" : "en");

  const unpack = async () => {
    const packed = Uint8Array.from(atob(byId("data").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const lines = (await new Response(stream).text()).split("\n");
    const rows = [], documents = [];
    for (let n = 0; n + 1 < lines.length; n += 2) {
      const head = JSON.parse(lines[n]);
      (head[0] === "document" ? documents : rows).push({ head, details: lines[n + 1] });
    }
    show(rows, documents);
  };
  unpack();
})();
