// Controllers of tsoa, from whose types it makes a document and routes.
import { Controller, Get, Header, Path, Queries, Query, Route } from "tsoa";

export interface Paging {
  page: number;
  /** @default 20 */
  size?: number;
  sort?: "asc" | "desc";
}

@Route("books")
export class BooksController extends Controller {
  @Get()
  public async all(@Queries() paging: Paging): Promise<number> {
    return paging.page;
  }

  @Get("{isbn}")
  public async one(
    @Path() isbn: string,
    @Header("X-Trace") trace: string,
    @Query() ids: number[],
    @Query() deep: boolean = false,
  ): Promise<string> {
    return `${isbn} ${trace} ${ids} ${deep}`;
  }
}
