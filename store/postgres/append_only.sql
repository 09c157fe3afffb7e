-- For PostgreSQL. One statement, so that there is never a part of it; it looks first, since
-- a trigger cannot be made without stopping all writers, and looks again under the lock.
-- "Enable always": session_replication_role = replica does not switch the triggers off.
do $kycle$
declare
  there constant text := 'select count(*) from pg_trigger where tgenabled = ''A'' and (tgrelid, tgname) in (
    (cast(''kycle_entry'' as regclass), ''kycle_entry_erase''), (cast(''kycle_entry'' as regclass), ''kycle_entry_keep''),
    (cast(''kycle_posting'' as regclass), ''kycle_posting_keep''), (cast(''kycle_receipt'' as regclass), ''kycle_receipt_keep''))';
  n bigint;
begin
  execute there into n;
  if n = 4 then return; end if;
  lock table kycle_entry, kycle_posting, kycle_receipt in access exclusive mode;
  execute there into n;
  if n = 4 then return; end if;
  create or replace function kycle_keep() returns trigger language plpgsql as $body$
    begin
      raise exception 'kycle: % is append-only', tg_table_name using errcode = 'restrict_violation';
    end $body$;
  create or replace function kycle_erase() returns trigger language plpgsql as $body$
    begin
      if new.salt is null and new.body is null
        and row(new.organization, new.kind, new.id, new.seq, new.attempt, new.bytes)
          is not distinct from row(old.organization, old.kind, old.id, old.seq, old.attempt, old.bytes) then
        return new;
      end if;
      raise exception 'kycle: of an audit entry only salt and body are erased, together' using errcode = 'restrict_violation';
    end $body$;
  drop trigger if exists kycle_entry_erase on kycle_entry;
  drop trigger if exists kycle_entry_keep on kycle_entry;
  drop trigger if exists kycle_posting_keep on kycle_posting;
  drop trigger if exists kycle_receipt_keep on kycle_receipt;
  create trigger kycle_entry_erase before update on kycle_entry for each row execute function kycle_erase();
  create trigger kycle_entry_keep before delete or truncate on kycle_entry for each statement execute function kycle_keep();
  create trigger kycle_posting_keep before update or delete or truncate on kycle_posting for each statement execute function kycle_keep();
  create trigger kycle_receipt_keep before update or delete or truncate on kycle_receipt for each statement execute function kycle_keep();
  alter table kycle_entry enable always trigger kycle_entry_erase, enable always trigger kycle_entry_keep;
  alter table kycle_posting enable always trigger kycle_posting_keep;
  alter table kycle_receipt enable always trigger kycle_receipt_keep;
end $kycle$
