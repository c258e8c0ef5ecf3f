import { z } from 'zod';

/** What stands in the address of a delivery's pages. Whether there is such a delivery, the client knows. */
export const deliveryParams = z.object({ id: z.string().min(1).max(200) });

export function deliveryPath(id: string, page?: string): string {
  return `/deliveries/${encodeURIComponent(id)}${page === undefined ? '' : `/${page}`}`;
}
