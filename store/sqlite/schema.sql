-- Statements are parted by a blank line. All kinds of aggregates share these tables.
-- Times are microseconds since 1970 UTC; ids are UUIDs in lower case; no text is ''
-- where there is none: it is null, so that the partial indexes are found by "=".

create table if not exists kycle_record (
  organization text not null, kind text not null, id text not null,
  version integer not null, owner text not null, status text not null, current integer not null,
  exclusive_key text, session text, due integer, due_rank integer not null, leased integer,
  created integer not null, data text not null,
  primary key (organization, kind, id))

create index if not exists kycle_record_owner on kycle_record (organization, kind, owner, created desc, id)

create unique index if not exists kycle_record_exclusive_key on kycle_record (organization, kind, exclusive_key)
  where exclusive_key is not null

create unique index if not exists kycle_record_session on kycle_record (kind, session) where session is not null

-- For counting: the statuses are found by skipping from one to the next.
create index if not exists kycle_record_status on kycle_record (kind, status, organization)

create index if not exists kycle_record_due on kycle_record (kind, due_rank, due, id, leased) where due is not null

-- Without rowid, so that a row can be replaced by its key alone, which the triggers see.
create table if not exists kycle_entry (
  organization text not null, kind text not null, id text not null, seq integer not null,
  bytes blob not null, salt blob, body blob,
  primary key (organization, kind, id, seq)) without rowid

create table if not exists kycle_posting (
  organization text not null, key text not null,
  kind text not null, id text not null, seq integer not null,
  direction text not null, minor integer not null, currency text not null, reverses text, at integer not null,
  primary key (organization, key)) without rowid

create index if not exists kycle_posting_record on kycle_posting (organization, kind, id, seq, direction)

create table if not exists kycle_receipt (
  organization text not null, kind text not null, id text not null, key text not null,
  fingerprint text not null,
  primary key (organization, kind, id, key)) without rowid

-- "insert or replace" deletes without a delete trigger unless recursive_triggers is on,
-- and that is each connection's own affair. A before-insert trigger always runs.
create trigger if not exists kycle_entry_insert before insert on kycle_entry
when exists (select 1 from kycle_entry e
  where e.organization = new.organization and e.kind = new.kind and e.id = new.id and e.seq = new.seq)
begin select raise(abort, 'kycle: an audit entry is never replaced'); end

create trigger if not exists kycle_entry_update before update on kycle_entry
when new.salt is not null or new.body is not null or new.organization is not old.organization
  or new.kind is not old.kind or new.id is not old.id or new.seq is not old.seq or new.bytes is not old.bytes
begin select raise(abort, 'kycle: an audit entry is never changed, only its salt and body erased together'); end

create trigger if not exists kycle_entry_delete before delete on kycle_entry
begin select raise(abort, 'kycle: an audit entry is never deleted'); end

create trigger if not exists kycle_posting_insert before insert on kycle_posting
when exists (select 1 from kycle_posting p where p.organization = new.organization and p.key = new.key)
begin select raise(abort, 'kycle: a posting is never replaced'); end

create trigger if not exists kycle_posting_update before update on kycle_posting
begin select raise(abort, 'kycle: a posting is never changed'); end

create trigger if not exists kycle_posting_delete before delete on kycle_posting
begin select raise(abort, 'kycle: a posting is never deleted'); end

create trigger if not exists kycle_receipt_insert before insert on kycle_receipt
when exists (select 1 from kycle_receipt r
  where r.organization = new.organization and r.kind = new.kind and r.id = new.id and r.key = new.key)
begin select raise(abort, 'kycle: a receipt is never replaced'); end

create trigger if not exists kycle_receipt_update before update on kycle_receipt
begin select raise(abort, 'kycle: a receipt is never changed'); end

create trigger if not exists kycle_receipt_delete before delete on kycle_receipt
begin select raise(abort, 'kycle: a receipt is never deleted'); end
