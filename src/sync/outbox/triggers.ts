import { quotePostgresName, quotePostgresText } from '../../db/index.ts'
import type { MappedTable } from '../mapping/compile.ts'
import { modernName } from '../mapping/ddl.ts'

/** Set for one transaction by sync.transaction: the id under which row triggers record what it writes. */
export const transactionSetting = 'fig.transaction'
/** Set for one transaction by Fig's own applier and backfill: row triggers stay silent. */
export const applyingSetting = 'fig.applying'

/**
 * Row triggers that record every change of a mapped table in the outbox, within the transaction that makes it. A write that
 * comes past sync.transaction would drift away from the owner unseen: the trigger refuses it.
 * The name sorts before Postgres' own foreign-key triggers, so that a parent's delete is recorded before its children's.
 */
export function captureStatements(table: MappedTable, ownSchema: string): readonly string[] {
  const own = quotePostgresName(ownSchema)
  const target = `${own}.${quotePostgresName(`capture_${table.modernSchema}_${table.name}`)}`
  const names = table.columns.map(({ name }) => quotePostgresText(name)).join(', ')
  const image = (row: 'old' | 'new') =>
    `jsonb_object(array[${names}]::text[], array[${table.columns.map(({ name }) => `${row}.${quotePostgresName(name)}::text`).join(', ')}])`
  return [
    `create or replace function ${target}() returns trigger language plpgsql
       set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex' set extra_float_digits = '1' as $capture$
     declare
       fig_id text := current_setting('${transactionSetting}', true);
     begin
       if current_setting('${applyingSetting}', true) = 'on' then return null; end if;
       if coalesce(fig_id, '') = '' or tg_op = 'TRUNCATE' then
         raise exception using errcode = 'FIG01',
           message = format('%s on %s outside of sync.transaction', tg_op, tg_table_name),
           hint = 'Fig keeps this table in step with MySQL: write to it through sync.transaction only.';
       end if;
       if tg_op = 'INSERT' then
         insert into ${own}.outbox (transaction_id, table_name, after)
         values (fig_id::uuid, tg_table_name, ${image('new')});
       elsif tg_op = 'DELETE' then
         insert into ${own}.outbox (transaction_id, table_name, before)
         values (fig_id::uuid, tg_table_name, ${image('old')});
       elsif old *<> new then
         insert into ${own}.outbox (transaction_id, table_name, before, after)
         values (fig_id::uuid, tg_table_name, ${image('old')}, ${image('new')});
       end if;
       return null;
     end
     $capture$`,
    `create or replace trigger "0_fig_capture" after insert or update or delete on ${modernName(table)}
       for each row execute function ${target}()`,
    `create or replace trigger "0_fig_refuse_truncate" before truncate on ${modernName(table)}
       for each statement execute function ${target}()`,
  ]
}
