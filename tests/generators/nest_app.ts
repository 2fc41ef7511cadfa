// A NestJS application, its document, and calls that it takes.
import "reflect-metadata";
import { Controller, Get, Headers, Module, Param, ParseIntPipe, Query } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ApiExtraModels, ApiHeader, ApiProperty, ApiPropertyOptional, ApiQuery, DocumentBuilder, SwaggerModule, getSchemaPath } from "@nestjs/swagger";

const { Calls } = require("./calls");

enum Sort { asc = "asc", desc = "desc" }

class Paging {
  @ApiProperty({ minimum: 1 }) page: number;
  @ApiPropertyOptional({ enum: Sort, enumName: "Sort", default: Sort.asc }) sort?: Sort;
  @ApiPropertyOptional({ type: [String] }) tags?: string[];
}

class Range {
  @ApiProperty() from: string;
  @ApiPropertyOptional() to?: string;
}

@Controller("cats")
class CatsController {
  @Get()
  all(@Query() paging: Paging) {
    return paging.page;
  }

  @Get("range")
  @ApiExtraModels(Range)
  @ApiQuery({ name: "range", required: true, style: "deepObject", explode: true, schema: { $ref: getSchemaPath(Range) } })
  range(@Query("range[from]") from: string) {
    return from;
  }

  @Get("by/:id")
  @ApiHeader({ name: "X-Trace", required: true })
  one(@Param("id", ParseIntPipe) id: number, @Headers("x-trace") trace: string, @Query("deep") deep?: boolean) {
    return { id, trace, deep };
  }
}

@Module({ controllers: [CatsController] })
class App {}

async function main(folder: string) {
  const app = await NestFactory.create(App, { logger: ["error"] });
  const config = new DocumentBuilder().setTitle("t").setVersion("1").addServer("https://b.acme.io").build();
  const document = SwaggerModule.createDocument(app, config);
  await app.listen(0, "127.0.0.1");
  const calls = new Calls(await app.getUrl());
  const trace = { "X-Trace": "t" };
  await calls.call("GET", "/cats", "/cats", { query: "page=1" });
  await calls.call("GET", "/cats", "/cats", { query: "page=1&sort=desc&tags=a&tags=b", full: true });
  await calls.call("GET", "/cats/range", "/cats/range", { query: "range[from]=a" });
  await calls.call("GET", "/cats/range", "/cats/range", { query: "range[from]=a&range[to]=b", full: true });
  await calls.call("GET", "/cats/by/{id}", "/cats/by/7", { headers: trace, query: "deep=true", full: true });
  calls.write(folder, document);
  await app.close();
}

main(process.argv[2]);
