// An Express application documented by swagger-jsdoc, its document, and calls that it takes.
const express = require("express");
const swaggerJsdoc = require("swagger-jsdoc");
const { Calls } = require("./calls");

const app = express();
app.set("query parser", "extended");

/**
 * @openapi
 * /users/{id}:
 *   get:
 *     parameters:
 *       - { in: path, name: id, required: true, schema: { type: integer } }
 *       - in: query
 *         name: filter
 *         required: true
 *         style: deepObject
 *         schema:
 *           type: object
 *           required: [name]
 *           properties: { name: { type: string }, age: { type: integer } }
 *       - { in: query, name: fields, explode: false, schema: { type: array, items: { type: string } } }
 *     responses: { 200: { description: OK } }
 */
app.get("/users/:id", (request, response) => {
  response.status(request.query.filter?.name ? 200 : 400).json({});
});

/**
 * @openapi
 * /search:
 *   get:
 *     parameters:
 *       - in: query
 *         name: paging
 *         required: true
 *         schema: { $ref: '#/components/schemas/Paging' }
 *       - { in: header, name: X-Trace, required: true, schema: { type: string } }
 *     responses: { 200: { description: OK } }
 * components:
 *   schemas:
 *     Paging:
 *       type: object
 *       required: [page]
 *       properties: { page: { type: integer }, size: { type: integer, default: 20 } }
 */
app.get("/search", (request, response) => {
  response.status(request.query.page && request.get("X-Trace") ? 200 : 400).json({});
});

async function main(folder) {
  const definition = { openapi: "3.0.3", info: { title: "t", version: "1" }, servers: [{ url: "https://b.acme.io" }] };
  const document = swaggerJsdoc({ failOnErrors: true, definition, apis: [__filename] });
  const server = app.listen(0);
  const calls = new Calls(`http://127.0.0.1:${server.address().port}`);
  await calls.call("GET", "/users/{id}", "/users/7", { query: "filter[name]=a" });
  await calls.call("GET", "/users/{id}", "/users/7", { query: "filter[name]=a&filter[age]=3&fields=a,b", full: true });
  await calls.call("GET", "/search", "/search", { query: "page=1", headers: { "X-Trace": "t" } });
  await calls.call("GET", "/search", "/search", { query: "page=1&size=2", headers: { "X-Trace": "t" }, full: true });
  calls.write(folder, document);
  server.close();
}

main(process.argv[2]);
