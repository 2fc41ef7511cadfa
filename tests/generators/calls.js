// Keeps a document and the calls that its framework took.
const fs = require("node:fs");
const path = require("node:path");

exports.Calls = class {
  constructor(base) {
    this.base = base;
    this.calls = [];
  }

  // Calls the server, which must answer with success; `full`: it sends all that may be sent.
  async call(method, route, address, { query = "", headers = {}, full = false } = {}) {
    const answer = await fetch(`${this.base}${address}${query && `?${query}`}`, { method, headers });
    if (!answer.ok) throw new Error(`${method} ${address}?${query}: ${await answer.text()}`);
    const names = [...new Set(new URLSearchParams(query).keys())];
    this.calls.push({ method, route, path: address, query: names, headers: Object.keys(headers), full });
  }

  write(folder, document) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "openapi.json"), JSON.stringify(document));
    fs.writeFileSync(path.join(folder, "calls.json"), JSON.stringify(this.calls));
  }
};
