import type { TargetSettings } from '../delivery/target-settings.js';

/** Recipients with why they are left out so far, as SQL with columns `seq`, `address`, `reason`, and its parameters. */
export interface JudgedRecipients {
  sql: string;
  values: readonly unknown[];
}

/**
 * Leaves out of those who would get the message the control group, then who is over the limit. Both go by an order of
 * addresses that anybody can repeat: SHA-256 over `control:SEED:ADDRESS` or `limit:SEED:ADDRESS`, the smallest first. A
 * person stays in or out of the group when rows are moved, and with all of the address's rows.
 *
 * @param drawSeed - SQL: the seed where the settings name none
 */
export function holdOut(judged: JudgedRecipients, target: TargetSettings, drawSeed: string): JudgedRecipients {
  const { control, limit } = target;
  let result = judged;
  const value = (given: unknown, type: string): string => {
    result = { ...result, values: [...result.values, given] };
    return `$${result.values.length}::${type}`;
  };
  const drawn = (purpose: 'control' | 'limit', seed: string | undefined) =>
    `sha256(convert_to('${purpose}:' || coalesce(${value(seed ?? null, 'text')}, ${drawSeed}) || ':' || address, 'UTF8'))`;
  if (control) {
    const order = drawn('control', control.seed);
    const size =
      control.count === undefined
        ? `floor(remaining * ${value(control.percent, 'numeric')} / 100)`
        : value(control.count, 'int');
    result = { ...result, sql: leaveOut(result.sql, order, `place <= ${size}`, 'control-group') };
  }
  if (limit) {
    const order = limit.order === 'random' ? `${drawn('limit', limit.seed)}, seq` : 'seq';
    const over = `place > ${value(limit.count, 'int')}`;
    result = { ...result, sql: leaveOut(result.sql, order, over, 'over-limit') };
  }
  return result;
}

const leaveOut = (from: string, order: string, condition: string, reason: 'control-group' | 'over-limit') => `
  select seq, address, case when reason is null and ${condition} then '${reason}' else reason end as reason
  from (
    select seq, address, reason, count(*) filter (where reason is null) over () as remaining,
      ${reason === 'control-group' ? 'rank()' : 'row_number()'} over (partition by reason is null order by ${order}) as place
    from (${from}) judged_before
  ) placed`;
