// Calls the routes that tsoa made, beside the document that it made.
const express = require("express");
const { Calls } = require("../calls");
const { RegisterRoutes } = require("./built/routes");

async function main(folder) {
  const app = express();
  RegisterRoutes(app);
  const server = app.listen(0);
  const calls = new Calls(`http://127.0.0.1:${server.address().port}`);
  const headers = { "X-Trace": "t" };
  await calls.call("GET", "/books", "/books", { query: "page=1" });
  await calls.call("GET", "/books", "/books", { query: "page=1&size=2&sort=asc", full: true });
  await calls.call("GET", "/books/{isbn}", "/books/7", { query: "ids=1&ids=2", headers });
  await calls.call("GET", "/books/{isbn}", "/books/7", { query: "ids=1&ids=2&deep=true", headers, full: true });
  calls.write(folder, require("./built/swagger.json"));
  server.close();
}

main(process.argv[2]);
