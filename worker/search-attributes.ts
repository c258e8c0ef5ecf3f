import { isGrpcServiceError, type OperatorService } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { searchAttributes } from '../workflows/search-attributes.js';

/** gRPC's ALREADY_EXISTS: somebody else has registered them meanwhile. */
const raced = new Set<number>([6]);
/** PERMISSION_DENIED, UNIMPLEMENTED: Temporal Cloud lets a namespace be changed by its own tools only. */
const unasked = new Set<number>([7, 12]);

type Server = { operatorService: OperatorService };

/**
 * Registers what is missing; safe to repeat and to run from several places.
 *
 * @returns names that were registered now
 */
export async function registerSearchAttributes(connection: Server, namespace: string): Promise<string[]> {
  const names = (await missingSearchAttributes(connection, namespace)) ?? [];
  if (names.length === 0) return [];
  const wanted = Object.values(searchAttributes).flatMap(({ name, type }) => {
    const encoded = encodeSearchAttributeIndexedValueType(type);
    return names.includes(name) && encoded !== undefined ? [[name, encoded] as const] : [];
  });
  await connection.operatorService
    .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(wanted) })
    .catch((error: unknown) => {
      if (!(isGrpcServiceError(error) && raced.has(error.code))) throw error;
    });
  return names;
}

/**
 * An attribute that is not registered fails every workflow task that sets it, again and again.
 *
 * @returns names of attributes that are not registered; undefined where the server does not let us ask (Cloud)
 */
export async function missingSearchAttributes(connection: Server, namespace: string): Promise<string[] | undefined> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const registered = new Set(Object.keys(customAttributes ?? {}));
    return Object.values(searchAttributes).flatMap(({ name }) => (registered.has(name) ? [] : [name]));
  } catch (error) {
    if (isGrpcServiceError(error) && unasked.has(error.code)) return undefined;
    throw error;
  }
}
